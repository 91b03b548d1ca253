package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os/exec"

	"github.com/longhaul-io/longhaul/client"
)

func Example() {
	c, err := client.New("http://127.0.0.1:8080/files/", client.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	result, err := c.Upload(context.Background(), client.File("film.mov"), client.Options{})
	if errors.Is(err, client.ErrSourceChanged) {
		log.Fatal("film.mov is not the file that was being sent: ", err)
	}
	if err != nil {
		log.Fatal(err) // the same call goes on where this one stopped
	}
	fmt.Println("stored at", result.URL)
}

// A log file is pushed again and again while it grows; each time only the growth
// travels. At the end it is finished.
func ExampleClient_Upload_growing() {
	c, err := client.New("http://127.0.0.1:8080/files/", client.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	if _, err := c.Upload(context.Background(), client.File("app.log"), client.Options{Append: true}); err != nil {
		log.Fatal(err)
	}
	if _, err := c.Upload(context.Background(), client.File("app.log"), client.Options{Finish: true}); err != nil {
		log.Fatal(err)
	}
}

// What a command prints is sent while it runs, without a file in between.
func ExampleReader() {
	c, err := client.New("http://127.0.0.1:8080/files/", client.Config{MaxRate: 10 << 20})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	dump := exec.Command("pg_dump", "shop")
	out, err := dump.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := dump.Start(); err != nil {
		log.Fatal(err)
	}
	result, err := c.Upload(context.Background(), client.Reader("shop.sql", out), client.Options{})
	if err := errors.Join(err, dump.Wait()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("stored", result.Size, "bytes at", result.URL)
}
