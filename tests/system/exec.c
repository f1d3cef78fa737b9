/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What execve does with files of all kinds, printed; the same here and on
 * Linux.  In a directory of its own, which it leaves as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const environment[] = { "NAME=value", NULL };
static const char *self;

static void
make(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
		printf("%s: %s\n", path, strerror(errno));
	}
	fchmod(fd, mode);
	close(fd);
}

static void
copy_self(const char *path)
{
	static char data[4 << 20];
	int fd = open(self, O_RDONLY);
	ssize_t size = read(fd, data, sizeof(data));

	close(fd);
	make(path, data, (size_t)size, 0755);
}

/* Run PATH; what it says, and how it ends. */
static void
run(const char *path)
{
	char *const args[] = { "zero", "one", "two words", NULL };
	int status = 0;
	pid_t pid;

	printf("%s:\n", path);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execve(path, args, environment);
		printf("  %s\n", strerror(errno));
		fflush(stdout);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	printf("  status %x\n", status);
}

static void
open_for(const char *path, int flags)
{
	int fd = open(path, flags);

	printf("  open %x: %s\n", flags, fd < 0 ? strerror(errno) : "yes");
	if (fd >= 0) {
		close(fd);
	}
}

static void
kinds(void)
{
	make("empty", "", 0, 0755);
	make("text", "echo hello\n", 11, 0755);
	make("half", "\177ELF", 4, 0755);
	make("data", "#!/bin/sh\n", 10, 0644);
	mkdir("directory", 0755);
	symlink("loop", "loop");
	run("empty");
	run("text");
	run("half");
	run("data");
	run("directory");
	run("loop");
	run("missing");
	run("empty/below");
	run("");
}

static void
scripts(void)
{
	char line[512];

	copy_self("show");
	make("plain", "#!show\n", 7, 0755);
	make("blanks", "#! \t show  a b  c \t\nrest\n", 25, 0755);
	make("no-line-end", "#!show x", 8, 0755);
	make("no-name", "#!\nshow\n", 8, 0755);
	make("only-blanks", "#!  \n", 5, 0755);
	make("no-interpreter", "#!/no/such\n", 11, 0755);
	make("of-script", "#!plain y\n", 10, 0755);
	make("itself", "#!itself\n", 9, 0755);
	make("directory-script", "#!/\n", 4, 0755);
	make("data-script", "#!data\n", 7, 0755);
	memset(line, 'x', sizeof(line));
	memcpy(line, "#!show ", 7);
	make("long", line, 300, 0755);
	run("plain");
	run("blanks");
	run("no-line-end");
	run("no-name");
	run("only-blanks");
	run("no-interpreter");
	run("of-script");
	run("itself");
	run("directory-script");
	run("data-script");
	run("long");
}

static void
busy(const char *path)
{
	int ready[2];
	int end[2];
	int fd;
	char c;
	char from[16];
	char to[16];
	pid_t pid;

	copy_self(path);
	fd = open(path, O_WRONLY | O_APPEND);
	run(path);
	close(fd);
	pipe(ready);
	pipe(end);
	snprintf(from, sizeof(from), "%d", end[0]);
	snprintf(to, sizeof(to), "%d", ready[1]);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(end[1]);
		execl(path, path, "wait", from, to, NULL);
		_exit(99);
	}
	read(ready[0], &c, 1);
	open_for(path, O_WRONLY);
	open_for(path, O_RDWR);
	open_for(path, O_WRONLY | O_TRUNC);
	open_for(path, O_RDONLY);
	printf("  truncate: %s\n",
	    truncate(path, 0) < 0 ? strerror(errno) : "yes");
	close(end[1]);
	close(end[0]);
	waitpid(pid, NULL, 0);
	open_for(path, O_WRONLY);
	run(path);
}

static void
remove_all(void)
{
	static const char *const names[] = { "empty", "text", "half", "data",
		"loop", "show", "plain", "blanks", "no-line-end", "no-name",
		"only-blanks", "no-interpreter", "of-script", "itself",
		"directory-script", "data-script", "long", "busy" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		unlink(names[i]);
	}
	rmdir("directory");
}

int
main(int argc, char **argv)
{
	char c = 0;

	if (argc == 4 && strcmp(argv[1], "wait") == 0) {
		write(atoi(argv[3]), &c, 1);
		return (int)read(atoi(argv[2]), &c, 1);
	}
	if (argc == 2 && strcmp(argv[1], "ids") == 0) {
		printf("%d %d %d %d %lu\n", (int)getuid(), (int)geteuid(),
		    (int)getgid(), (int)getegid(), getauxval(AT_SECURE));
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "test") != 0) {
		for (int i = 0; i < argc; i++) {
			printf("  [%.40s]\n", argv[i]);
		}
		printf("  NAME=%s\n", getenv("NAME"));
		return 7;
	}
	self = argv[0];
	kinds();
	scripts();
	busy("busy");
	remove_all();
	return 0;
}
