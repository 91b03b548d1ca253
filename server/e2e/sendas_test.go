package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	tus "github.com/eventials/go-tus"

	longhaul "github.com/longhaul-io/longhaul/client"
)

// The test binary is also a sender, a program that does nothing else.
const (
	senderVariable = "LONGHAUL_TEST_SENDER"
	senderFile     = "LONGHAUL_TEST_FILE"
	senderEndpoint = "LONGHAUL_TEST_ENDPOINT"
)

// sendAs is the main function of such a program.
func sendAs(name string) error {
	path, endpoint := os.Getenv(senderFile), os.Getenv(senderEndpoint)
	switch name {
	case "raw":
		c, err := longhaul.New(endpoint, longhaul.Config{NoDigest: true})
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Upload(context.Background(), longhaul.File(path), longhaul.Options{})
		return err
	case "go-tus":
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		c, err := tus.NewClient(endpoint, nil)
		if err != nil {
			return err
		}
		upload, err := tus.NewUploadFromFile(file)
		if err != nil {
			return err
		}
		uploader, err := c.CreateUpload(upload)
		if err != nil {
			return err
		}
		return uploader.Upload()
	case "bare":
		return sendBare(path, endpoint)
	}
	return fmt.Errorf("no sender %q", name)
}

// sendBare sends the file at path to the upload at address with no more than the
// system calls that this takes. Nothing that sends files over TCP costs less.
func sendBare(path, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"+
		"Content-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", u.Path, u.Host, info.Size())
	if _, err := io.Copy(conn, file); err != nil { // sendfile(2)
		return err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		return errors.New(res.Status)
	}
	return nil
}
