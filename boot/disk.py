# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Changes to an ext2 image from outside, by e2fsprogs' debugfs."""

import os
import shutil
import stat
import subprocess
import tempfile

# debugfs splits its command lines at blanks and has no escapes.
UNSAFE = set(" \t\n\"'\\")


class DiskError(Exception):
    pass


def check(image):
    """Make the file system consistent after a crash; what e2fsck said or ''."""
    p = subprocess.run(["e2fsck", "-p", image], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    if p.returncode <= 1:
        return ""
    p = subprocess.run(["e2fsck", "-fy", image], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    if p.returncode > 2:
        raise DiskError("e2fsck cannot repair %s:\n%s" % (image, p.stdout))
    return p.stdout


class Edit:
    """A batch of changes, done by commit()."""

    def __init__(self, image):
        self.image = image
        self.commands = []
        self.work = tempfile.mkdtemp(prefix="tartan-disk-")

    def _check(self, path):
        if UNSAFE & set(path):
            raise DiskError("cannot put a file named %r on the image" % path)

    def _owner(self, path, mode):
        self.commands += ["sif %s uid 0" % path, "sif %s gid 0" % path,
                          "sif %s mode 0%o" % (path, mode)]

    def exists(self, path):
        p = subprocess.run(["debugfs", "-R", "stat " + path, self.image],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           text=True)
        return "Inode:" in p.stdout

    def names(self, path):
        """(name, is a directory) of what is in the directory PATH."""
        p = subprocess.run(["debugfs", "-R", "ls -p " + path, self.image],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           text=True)
        for line in p.stdout.splitlines():
            part = line.split("/")
            if len(part) < 7 or part[5] in ("", ".", ".."):
                continue
            yield part[5], stat.S_ISDIR(int(part[2], 8))

    def remove(self, path, directory=False):
        if not directory:
            self.commands.append("rm " + path)
            return
        for name, is_dir in self.names(path):
            self.remove(path + "/" + name, is_dir)
        self.commands.append("rmdir " + path)

    def mkdir(self, path, mode=0o755):
        self._check(path)
        self.commands.append("mkdir " + path)
        self._owner(path, stat.S_IFDIR | mode)

    def write(self, path, data, mode=0o644):
        self._check(path)
        source = os.path.join(self.work, "f%d" % len(self.commands))
        with open(source, "wb") as f:
            f.write(data)
        self.commands.append("write %s %s" % (source, path))
        self._owner(path, stat.S_IFREG | mode)

    def copy(self, source, path):
        """The host's file or tree SOURCE as PATH."""
        self._check(path)
        st = os.lstat(source)
        if stat.S_ISLNK(st.st_mode):
            target = os.readlink(source)
            self._check(target)
            self.commands.append("symlink %s %s" % (path, target))
        elif stat.S_ISDIR(st.st_mode):
            self.mkdir(path, stat.S_IMODE(st.st_mode))
            for name in sorted(os.listdir(source)):
                self.copy(os.path.join(source, name), path + "/" + name)
        elif stat.S_ISREG(st.st_mode):
            with open(source, "rb") as f:
                self.write(path, f.read(), stat.S_IMODE(st.st_mode))
        else:
            raise DiskError("%s is neither file nor directory" % source)

    def commit(self):
        script = os.path.join(self.work, "commands")
        with open(script, "w") as f:
            f.write("\n".join(self.commands) + "\n")
        p = subprocess.run(["debugfs", "-w", "-f", script, self.image],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True)
        shutil.rmtree(self.work)
        bad = [line for line in p.stdout.splitlines()
               if line and not line.startswith(("debugfs", "Allocated inode"))]
        if p.returncode != 0 or bad:
            raise DiskError("debugfs: " + "\n".join(bad))
