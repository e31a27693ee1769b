package misskey_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A file goes into the drive, and from there into a note. Body is an *os.File
// mostly.
func ExampleClient_Upload() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/api/notes/create" {
			io.WriteString(w, `{"createdNote": {"id": "9note", "text": "my cat"}}`)
			return
		}
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"id": "9file", "name": "cat.txt"}`)
	}))
	defer srv.Close()
	mk, err := misskey.New(srv.URL, misskey.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}

	file, err := mk.Upload(ctx, misskey.File{
		Name:    "cat.txt",
		Body:    strings.NewReader("=^..^="),
		Comment: "a cat, from the front",
		Progress: func(sent, total int64) {
			fmt.Printf("%d of %d bytes\n", sent, total)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	note, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("my cat"), FileIDs: []string{file.ID}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(file.Name, "is in note", note.CreatedNote.ID)
	// Output:
	// 6 of 6 bytes
	// cat.txt is in note 9note
}
