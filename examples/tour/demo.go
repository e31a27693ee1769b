package main

import (
	"context"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// startDemo starts an instance inside this process, with something on the
// timeline of alice.
func startDemo(ctx context.Context) (*misskeytest.Server, error) {
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, srv); err != nil {
		srv.Close()
		return nil, err
	}
	return srv, nil
}

// fill makes accounts that post, and alice, who follows them.
func fill(ctx context.Context, srv *misskeytest.Server) error {
	srv.AddUser(misskeytest.User{Username: "alice", Name: "Alice Archer"})
	bob := srv.AddUser(misskeytest.User{Username: "bob"})
	carol := srv.AddUser(misskeytest.User{Username: "carol"})
	for _, id := range []string{bob, carol} {
		if _, err := srv.Client("alice").FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: id}); err != nil {
			return err
		}
	}
	first, err := srv.Client("bob").NotesCreate(ctx, gen.NotesCreateRequest{Text: new("The kettle is on.")})
	if err != nil {
		return err
	}
	for _, note := range []struct {
		by  string
		req gen.NotesCreateRequest
	}{
		{"carol", gen.NotesCreateRequest{RenoteID: &first.CreatedNote.ID}},
		{"carol", gen.NotesCreateRequest{Text: new("Tea or coffee?"), Poll: &gen.PollInput{Choices: []string{"tea", "coffee"}}}},
		{"bob", gen.NotesCreateRequest{CW: new("loud noises"), Text: new("It **whistles**!")}},
	} {
		if _, err := srv.Client(note.by).NotesCreate(ctx, note.req); err != nil {
			return err
		}
	}
	return nil
}
