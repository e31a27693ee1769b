package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/stream"
)

// A purpose is what a login is for, and what it takes.
type purpose struct {
	name         string
	requirements []misskey.Requirement
}

var purposes = []purpose{
	{"read", []misskey.Requirement{gen.OpI, gen.OpNotesTimeline, gen.OpINotifications, gen.OpNotesSearch, gen.OpUsersShow, gen.OpNotesMentions}},
	{"post", []misskey.Requirement{gen.OpI, gen.OpNotesCreate, gen.OpNotesDelete, gen.OpNotesDraftsCreate, gen.OpNotesReactionsCreate, gen.OpNotesReactionsDelete, gen.OpDriveFilesCreate}},
	{"stream", []misskey.Requirement{gen.OpI, stream.Permissions(stream.HomeTimeline{}, stream.Main{}), gen.OpNotesTimeline, gen.OpINotifications}},
	{"upload", []misskey.Requirement{gen.OpI, gen.OpDriveFilesCreate, gen.OpDriveFilesFindByHash, gen.OpDriveFolders, gen.OpDriveFoldersCreate}},
	{"export", []misskey.Requirement{gen.OpI, gen.OpUsersNotes, gen.OpIFavorites, gen.OpUsersFollowing, gen.OpMuteList, gen.OpBlockingList, gen.OpDriveStream}},
	{"emoji", []misskey.Requirement{gen.OpI, gen.OpAdminEmojiAdd, gen.OpAdminEmojiList, gen.OpAdminEmojiUpdate, gen.OpDriveFilesCreate}},
	{"admin", []misskey.Requirement{gen.OpI, gen.OpAdminAbuseUserReports, gen.OpAdminResolveAbuseUserReport, gen.OpAdminSuspendUser, gen.OpAdminUnsuspendUser, gen.OpAdminShowUsers}},
}

// everyday is what a login is for unless it is said.
var everyday = []string{"read", "post", "stream", "upload", "export"}

// permissionsFor returns what the token of a login has to be good for.
func permissionsFor(names []string) ([]gen.Permission, error) {
	var requirements []misskey.Requirement
	for _, name := range names {
		i := slices.IndexFunc(purposes, func(p purpose) bool { return p.name == name })
		if i < 0 {
			return nil, usagef("--for %s: it is one or more of %s", name, strings.Join(purposeNames(), ", "))
		}
		requirements = append(requirements, purposes[i].requirements...)
	}
	return misskey.PermissionsFor(requirements...)
}

func purposeNames() (names []string) {
	for _, p := range purposes {
		names = append(names, p.name)
	}
	return names
}

func (a *app) loginCommand() *cobra.Command {
	var purposes []string
	var all, token bool
	cmd := &cobra.Command{
		Use:   "login [INSTANCE]",
		Short: "Log in to an account",
		Long: `Log in to an account in the browser, and keep the token in the keyring of the
system. Where there is no keyring, a file keeps it that only you can read.
With --token the token is read from the standard input.`,
		Example: `misskey login misskey.example
misskey login misskey.example --for read,post
misskey login misskey.example --token < token.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if os.Getenv("MISSKEY_URL") != "" || os.Getenv("MISSKEY_TOKEN") != "" {
				a.note("MISSKEY_URL or MISSKEY_TOKEN is set: commands will use that and not this login.")
			}
			if a.account != "" {
				return usagef("--account is for accounts that are logged in; leave it out")
			}
			instance, err := a.loginInstance(args)
			if err != nil {
				return err
			}
			// Before the user approves of anything, and has nothing of it.
			if err := changeAccounts(func(*accounts) error { return nil }); err != nil {
				return err
			}
			if token {
				return a.loginWithToken(cmd.Context(), instance)
			}
			permissions, err := permissionsFor(purposes)
			if all {
				permissions = gen.Permissions()
			} else if err != nil {
				return err
			}
			return a.loginInBrowser(cmd.Context(), instance, permissions)
		},
	}
	cmd.Flags().StringSliceVar(&purposes, "for", everyday, "ask for the permissions that `USES` need:\n"+strings.Join(purposeNames(), ", "))
	cmd.Flags().BoolVar(&all, "all", false, "ask for all permissions")
	cmd.Flags().BoolVar(&token, "token", false, "read a token from the standard input")
	cmd.MarkFlagsMutuallyExclusive("for", "all", "token")
	_ = cmd.RegisterFlagCompletionFunc("for", cobra.FixedCompletions(purposeNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// loginInstance is the instance to log in to: that of the arguments, or of the
// current account.
func (a *app) loginInstance(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	known, err := loadAccounts()
	if err != nil {
		return "", err
	}
	acc, err := known.find("")
	if err != nil {
		return "", usagef("name the instance, as in: misskey login misskey.example")
	}
	return acc.URL, nil
}

// openBrowser, unless it is nil, opens a page in place of the system's browser.
var openBrowser func(page string) error

func (a *app) loginInBrowser(ctx context.Context, instance string, permissions []gen.Permission) error {
	a.note("Approve of the login in your browser.")
	grant, err := miauth.Login(ctx, instance, miauth.Options{
		Name:        "misskey (command line)",
		Permissions: permissions,
		Client:      a.clientOptions(),
		Output:      a.err,
		OpenBrowser: openBrowser,
	})
	if err != nil {
		return err
	}
	mk := grant.Client()
	var body json.RawMessage
	if _, err := mk.I(ctx, misskey.Raw(&body)); err != nil {
		return err
	}
	return a.keep(ctx, mk, grant.Token(), body)
}

func (a *app) loginWithToken(ctx context.Context, instance string) error {
	data, err := a.readSecret(ctx)
	if err != nil {
		return err
	}
	token := strings.TrimSpace(string(data))
	if token == "" {
		return usagef("there is no token on the standard input")
	}
	mk, err := a.client(instance, token)
	if err != nil {
		return err
	}
	var body json.RawMessage
	if _, err := mk.I(ctx, misskey.Raw(&body)); err != nil {
		return err
	}
	return a.keep(ctx, mk, token, body)
}

// readSecret reads the standard input; from a terminal without showing it.
func (a *app) readSecret(ctx context.Context) ([]byte, error) {
	f, ok := a.in.(*os.File)
	if !ok || !isTerminal(f) {
		return a.readInput(ctx)
	}
	fmt.Fprint(a.err, "Token: ")
	defer fmt.Fprintln(a.err)
	return term.ReadPassword(int(f.Fd()))
}

// keep keeps an account that has logged in.
func (a *app) keep(ctx context.Context, mk *misskey.Client, token string, body json.RawMessage) error {
	var me struct{ ID, Username string }
	if err := json.Unmarshal(body, &me); err != nil {
		return err
	}
	address, err := url.Parse(mk.BaseURL())
	if err != nil {
		return err
	}
	if me.ID == "" || me.Username == "" || me.Username != oneLine(me.Username) {
		return errors.New("the instance does not say whose token it is; nobody is logged in")
	}
	acc := account{Name: me.Username + "@" + address.Host, URL: mk.BaseURL(), UserID: me.ID}
	err = keyringSet(ctx, acc.Name, token)
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		acc.Token = token
	}
	if err := changeAccounts(func(all *accounts) error { all.put(acc); return nil }); err != nil {
		return err
	}
	if acc.Token != "" {
		dir, _ := configFolder()
		why := "There is no keyring"
		if !errors.Is(err, errNoKeyring) {
			why = fmt.Sprintf("The keyring cannot be used (%v)", err)
		}
		a.note("%s: the token is in %s, which only you can read.", why, dir)
	}
	return a.done(body, "Logged in as %s.", acc.Name)
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the token of an account, and revoke it where the server allows it",
		Example: `misskey logout
misskey logout -a alice@misskey.example`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if os.Getenv("MISSKEY_TOKEN") != "" {
				return usagef("MISSKEY_TOKEN has the token: unset it")
			}
			known, err := loadAccounts()
			if err != nil {
				return err
			}
			acc, err := known.find(a.account)
			if err != nil {
				return err
			}
			revoked := a.revoke(ctx, acc)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if acc.Token == "" {
				if err := keyringDelete(ctx, acc.Name); err != nil {
					a.note("The keyring did not forget the token: %v", err)
				}
			}
			if err := changeAccounts(func(all *accounts) error { all.remove(acc.Name); return nil }); err != nil {
				return err
			}
			if !revoked {
				a.note("The token stays valid until you revoke it: on %s, Settings, Connected apps.", acc.URL)
			}
			return a.done(nil, "Logged out %s.", acc.Name)
		},
	}
}

// revoke revokes the token of an account, and reports whether it is void.
func (a *app) revoke(ctx context.Context, acc account) bool {
	token, err := acc.token(ctx)
	if err != nil {
		return false
	}
	mk, err := a.client(acc.URL, token)
	if err != nil {
		return false
	}
	if _, err := misskey.Call[struct{}](ctx, mk, "i/revoke-token", map[string]string{"token": token}); err != nil {
		return errors.Is(err, gen.ErrAuthenticationFailed)
	}
	// The server does not say that an account's own token cannot be revoked so.
	_, err = mk.I(ctx)
	return errors.Is(err, gen.ErrAuthenticationFailed)
}

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "whoami",
		Short:   "Show the account that commands use",
		Example: "misskey whoami\nmisskey whoami --json | jq .notesCount",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.connect(cmd.Context(), false)
			if err != nil {
				return err
			}
			var body json.RawMessage
			me, err := s.I(cmd.Context(), misskey.Raw(&body))
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(body)
			}
			address, err := url.Parse(s.BaseURL())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s@%s\n", oneLine(me.Username), address.Host)
			return err
		},
	}
}
