package contract

import "github.com/misskey-go/misskey/gen"

// antenna makes an antenna for a word.
func (t *T) antenna(u user, word string, change func(*gen.AntennasCreateRequest)) *gen.Antenna {
	t.Helper()
	req := gen.AntennasCreateRequest{
		Name: "antenna", Src: gen.AntennaSrcAll, Keywords: [][]string{{word}}, ExcludeKeywords: [][]string{{}}, Users: []string{},
	}
	if change != nil {
		change(&req)
	}
	a, err := u.AntennasCreate(t.Context(), req)
	t.ok(err)
	return a
}

var antennaCases = []testCase{
	{"an antenna collects notes with its words", func(t *T) {
		u, v := t.user(), t.user()
		word := "w" + u.username
		a := t.antenna(u, word, func(r *gen.AntennasCreateRequest) { r.ExcludeKeywords = [][]string{{"fog"}} })
		n := t.text(v, "about "+word)
		t.text(v, "about "+word+" in the fog")
		t.text(v, "about nothing")
		t.shows("the antenna", func() ([]gen.Note, error) {
			return u.AntennasNotes(t.Context(), gen.AntennasNotesRequest{AntennaID: a.ID})
		}, n)
	}},
	{"an antenna listens to the accounts that it names", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		word := "w" + u.username
		a := t.antenna(u, word, func(r *gen.AntennasCreateRequest) {
			r.Src, r.Users = gen.AntennaSrcUsers, []string{"@" + v.username}
		})
		t.text(w, "about "+word)
		n := t.text(v, "about "+word)
		t.shows("the antenna", func() ([]gen.Note, error) {
			return u.AntennasNotes(t.Context(), gen.AntennasNotesRequest{AntennaID: a.ID})
		}, n)
	}},
	{"an antenna leaves out what it does not want", func(t *T) {
		u, v := t.user(), t.user()
		word := "w" + u.username
		a := t.antenna(u, word, func(r *gen.AntennasCreateRequest) { r.CaseSensitive = true })
		first := t.text(v, "a note about "+word)
		t.note(v, gen.NotesCreateRequest{Text: new("a reply about " + word), ReplyID: &first.ID})
		t.text(v, "a note about W"+u.username)
		last := t.text(v, "again about "+word)
		t.shows("the antenna", func() ([]gen.Note, error) {
			return u.AntennasNotes(t.Context(), gen.AntennasNotesRequest{AntennaID: a.ID})
		}, last, first)
	}},
	{"an antenna is changed, shown and deleted by its owner", func(t *T) {
		u, v := t.user(), t.user()
		a := t.antenna(u, "word", nil)
		equal(t, "source", a.Src, gen.AntennaSrcAll)
		a, err := u.AntennasUpdate(t.Context(), gen.AntennasUpdateRequest{AntennaID: a.ID, Name: new("other")})
		t.ok(err)
		equal(t, "name", a.Name, "other")
		equal(t, "words", a.Keywords[0][0], "word")
		all, err := u.AntennasList(t.Context())
		t.ok(err)
		equal(t, "antennas", len(all), 1)
		_, err = v.AntennasShow(t.Context(), gen.AntennasShowRequest{AntennaID: a.ID})
		t.refused(err, gen.ErrIDAntennasShowNoSuchAntenna, 400)
		t.ok(u.AntennasDelete(t.Context(), gen.AntennasDeleteRequest{AntennaID: a.ID}))
		t.refused(u.AntennasDelete(t.Context(), gen.AntennasDeleteRequest{AntennaID: a.ID}), gen.ErrIDAntennasDeleteNoSuchAntenna, 400)
	}},
	{"antennas that make no sense", func(t *T) {
		u := t.user()
		req := gen.AntennasCreateRequest{Name: "a", Src: gen.AntennaSrcAll, Keywords: [][]string{{}}, ExcludeKeywords: [][]string{{}}, Users: []string{}}
		_, err := u.AntennasCreate(t.Context(), req)
		t.refused(err, gen.ErrIDAntennasCreateEmptyKeyword, 400)
		req.Keywords, req.Src, req.UserListID = [][]string{{"x"}}, gen.AntennaSrcList, new("0")
		_, err = u.AntennasCreate(t.Context(), req)
		t.refused(err, gen.ErrIDAntennasCreateNoSuchUserList, 400)
	}},
}
