# Follows paths as the kernel does for a process that a start of the unit would be. prism-doctor sends this to the
# interpreter that the unit names, on standard input, behind a line that assigns PARAMETERS (JSON). It answers with one
# JSON document behind the fence. It opens nothing but regular files, for reading, and writes nothing.
import errno
import json
import os
import stat

P = json.loads(PARAMETERS)  # noqa: F821
TYPES = [(stat.S_ISDIR, 'directory'), (stat.S_ISREG, 'file'), (stat.S_ISLNK, 'symlink'), (stat.S_ISSOCK, 'socket'),
         (stat.S_ISFIFO, 'fifo')]


def label():
    """What a module of the kernel calls this process: an AppArmor profile, an SELinux context."""
    try:
        with open('/proc/self/attr/current') as file:
            return file.read().strip('\0\n') or None
    except (OSError, ValueError):
        return None


def entry(path):
    found = os.lstat(path)
    kind = [name for test, name in TYPES if test(found.st_mode)]
    try:
        acl = os.getxattr(path, 'system.posix_acl_access', follow_symlinks=False)
    except (OSError, AttributeError):
        acl = None
    try:
        flags = os.statvfs(path).f_flag
    except OSError:
        flags = 0
    return {
        'path': path,
        'type': kind[0] if kind else 'device',
        'mode': stat.S_IMODE(found.st_mode),
        'uid': found.st_uid,
        'gid': found.st_gid,
        'dev': found.st_dev,
        'ctime': int(found.st_ctime * 1000),
        'acl': None if acl is None else ''.join('%02x' % byte for byte in bytearray(acl)),
        'readOnly': bool(flags & os.ST_RDONLY),
        'noExec': bool(flags & os.ST_NOEXEC),
        'may': [name for name, bit in (('read', os.R_OK), ('write', os.W_OK), ('pass', os.X_OK))
                if os.access(path, bit)],
    }


def refused(path, flags):
    """The errno of open(2), which a security module or an attribute decides beside the mode; None where it opens."""
    try:
        os.close(os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY))
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return None


def opened(path):
    # Only where access(2) refuses it is anything opened for writing: that comes to nothing.
    return {'read': refused(path, os.O_RDONLY), 'write': None if os.access(path, os.W_OK) else refused(path, os.O_WRONLY)}


def follow(path):
    pending = [part for part in path.split('/') if part not in ('', '.')]
    passed = ['/']
    links = 0
    while pending:
        here = passed[-1]
        if os.path.isdir(here) and not os.access(here, os.X_OK):
            return {'path': path, 'stop': 'pass', 'at': entry(here), 'opened': None}
        name = pending.pop(0)
        if name == '..':
            passed = passed[:-1] or ['/']
            continue
        there = ('' if here == '/' else here) + '/' + name
        try:
            found = os.lstat(there)
        except OSError as error:
            stop = 'missing' if error.errno == errno.ENOENT else 'other'
            return {'path': path, 'stop': stop, 'missing': there, 'last': not pending, 'at': entry(here), 'opened': None}
        if not stat.S_ISLNK(found.st_mode):
            passed.append(there)
            continue
        links += 1
        if links > 40:
            return {'path': path, 'stop': 'other', 'at': entry(here), 'opened': None}
        to = os.readlink(there)
        if to.startswith('/'):
            passed = ['/']
        pending = [part for part in to.split('/') if part not in ('', '.')] + pending
    end = entry(passed[-1])
    return {'path': path, 'stop': 'end', 'at': end, 'opened': opened(passed[-1]) if end['type'] == 'file' else None}


answer = {'uid': os.geteuid(), 'groups': sorted(set(os.getgroups() + [os.getegid()])), 'label': label(), 'paths': []}
for path in P['paths']:
    try:
        answer['paths'].append(follow(path))
    except (OSError, ValueError):
        pass
print('\n' + P['fence'] + json.dumps(answer))
