package e2e

import (
	"context"
	"fmt"
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
	}
	return fmt.Errorf("no sender %q", name)
}
