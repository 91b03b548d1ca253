//go:build fuse

package powercut

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// maxWrite keeps the requests of large writes small enough for a cut to come
// between them.
const maxWrite = 128 << 10

// Mount mounts disk on the directory dir and returns the function that unmounts
// it, which may be called again. It needs /dev/fuse, and root or fusermount3.
//
// If the calling process dies, programs get ENOTCONN from the mount, but it
// stays: see [Guard].
func Mount(disk *Disk, dir string) (unmount func() error, err error) {
	server, err := fuse.NewServer(newRequests(disk), dir, &fuse.MountOptions{
		FsName: "powercut", Name: "powercut", DirectMount: true,
		MaxWrite: maxWrite, DisableXAttrs: true, DisableReadDirPlus: true,
	})
	if err != nil {
		return nil, fmt.Errorf("mounting on %s: %w", dir, err)
	}
	go server.Serve()
	unmount = func() error {
		err := server.Unmount()
		if err == nil {
			return nil
		}
		// Somebody still uses it: at least it is out of everybody's way.
		return errors.Join(err, detach(dir))
	}
	if err := server.WaitMount(); err != nil {
		return nil, errors.Join(fmt.Errorf("mounting on %s: %w", dir, err), unmount())
	}
	return unmount, nil
}

func detach(dir string) error {
	err := unix.Unmount(dir, unix.MNT_DETACH)
	if errors.Is(err, syscall.EPERM) {
		return exec.Command("fusermount3", "-u", "-z", dir).Run()
	}
	return err
}

// Guard starts a process that unmounts dir when this one dies in whatever way,
// so that a test that panics leaves no mount behind. The returned function ends
// it.
func Guard(dir string) (end func() error, err error) {
	guard := exec.Command("sh", "-c", `read -r line; while umount -l "$1" || fusermount3 -u -z "$1"; do :; done`, "guard", dir)
	// Interrupting a test in a terminal interrupts its process group.
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := guard.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := guard.Start(); err != nil {
		return nil, err
	}
	return func() error {
		return errors.Join(guard.Process.Kill(), stdin.Close(), reaped(guard.Wait()))
	}, nil
}

func reaped(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}
