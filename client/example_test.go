package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

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
