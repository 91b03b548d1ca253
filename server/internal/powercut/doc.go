// Package powercut is a disk whose power can fail. Programs under test use it
// through a FUSE mount; at the cut it forgets what was not synced, or a random
// part of that, in ways in which real disks and filesystems could.
//
// A test makes a [Disk], mounts it with [Mount], runs the real program on it,
// lets the power fail with [Disk.Cut] or [Disk.CutAfter], kills the program and
// goes on with what [Disk.Survivors] returns: the disk as the next start finds it.
//
// # What lasts
//
//   - The bytes and the size of a file last once fsync or fdatasync of that file
//     has returned. Until then each sector of 512 bytes that was written may
//     survive as any of the writes since left it, or not at all, and the size may
//     be any that the file had since. Where the size survives and a sector does
//     not, there are zeros.
//   - A name (create, mkdir, link, unlink, rmdir, rename) lasts once fsync of its
//     directory has returned. Fsync of the file does nothing for its name. Until
//     then a random prefix of the changes in that directory survives, as on a
//     filesystem with a journal, or, in half of the cuts, any subset of them.
//   - A file that no surviving name leads to is gone.
//
// What survives is decided by a seed and by the order of the changes in each
// file and each directory alone, not by what happened elsewhere in between.
//
// # What is asked for and does nothing
//
// sync_file_range is accepted and makes nothing last. fallocate is accepted if
// it keeps the size. O_DIRECT is accepted, for whole sectors only; what is written
// so must be synced like everything else. flock is the kernel's own.
//
// # What is not modelled
//
//   - Disks that lie about a flush, bit rot, sectors torn in the middle, and
//     garbage from earlier files in sectors that were never written.
//   - Errors: every sync succeeds until the power fails, and everything fails
//     with EIO after that.
//   - Modes, owners and times: they last at once. Symbolic links, extended
//     attributes, O_TMPFILE and the flags of renameat2: they are refused.
//   - A rename into another directory survives in either directory by itself. No
//     journal does that; nobody should depend on it either.
//   - Running out of space.
package powercut
