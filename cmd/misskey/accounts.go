package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/spf13/cobra"
)

// accountsFile is in the folder for settings: below $XDG_CONFIG_HOME or ~/.config,
// %AppData%, ~/Library/Application Support.
const accountsFile = "accounts.json"

// accounts are the accounts that are logged in.
type accounts struct {
	Current  string    `json:"current"` // the Name of one
	Accounts []account `json:"accounts"`
}

// An account is one that is logged in.
type account struct {
	Name   string `json:"name"` // such as alice@misskey.example
	URL    string `json:"url"`
	UserID string `json:"userId"`

	// Token is empty where the keyring has it.
	Token string `json:"token,omitempty"`
}

func configFolder() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for settings: %w; or set MISSKEY_URL and MISSKEY_TOKEN", err)
	}
	return filepath.Join(dir, "misskey-go"), nil
}

// loadAccounts reads the accounts; without a file there are none.
func loadAccounts() (*accounts, error) {
	dir, err := configFolder()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, accountsFile)
	data, err := os.ReadFile(path)
	var all accounts
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &all, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; move it away and log in again", path, err)
	}
	return &all, nil
}

// changeAccounts changes the accounts, alone among all processes.
func changeAccounts(change func(*accounts) error) error {
	dir, err := configFolder()
	if err != nil {
		return err
	}
	fail := func(err error) error {
		return fmt.Errorf("keeping accounts: %w; set XDG_CONFIG_HOME to a folder that can be written, or MISSKEY_URL and MISSKEY_TOKEN instead of a login", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail(err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(dir, "lock")).Lock()
	if err != nil {
		return fail(err)
	}
	defer unlock()
	all, err := loadAccounts()
	if err != nil {
		return err
	}
	if err := change(all); err != nil {
		return err
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, accountsFile), append(data, '\n')); err != nil {
		return fail(err)
	}
	return nil
}

// writeFile writes a file that only its owner can read, all of it or nothing.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// find returns the account of a name: alice@host, @alice@host or only alice, or
// with no name the current one.
func (all *accounts) find(name string) (account, error) {
	if name == "" {
		if name = all.Current; name == "" {
			return account{}, errNoLogin
		}
	}
	name = strings.TrimPrefix(name, "@")
	var found []account
	for _, acc := range all.Accounts {
		if strings.EqualFold(acc.Name, name) {
			return acc, nil
		}
		if user, _, _ := strings.Cut(acc.Name, "@"); strings.EqualFold(user, name) {
			found = append(found, acc)
		}
	}
	switch len(found) {
	case 0:
		return account{}, fmt.Errorf("%w as %s; misskey accounts lists the accounts", errNoLogin, name)
	case 1:
		return found[0], nil
	}
	return account{}, usagef("there are several accounts named %s; add the host, as in %s", name, found[0].Name)
}

// put adds an account or replaces it, and makes it the current one.
func (all *accounts) put(acc account) {
	all.remove(acc.Name)
	all.Accounts = append(all.Accounts, acc)
	slices.SortFunc(all.Accounts, func(a, b account) int { return strings.Compare(a.Name, b.Name) })
	all.Current = acc.Name
}

// remove removes an account; if it is the current one, another becomes that.
func (all *accounts) remove(name string) {
	all.Accounts = slices.DeleteFunc(all.Accounts, func(a account) bool { return a.Name == name })
	if all.Current == name {
		all.Current = ""
		if len(all.Accounts) > 0 {
			all.Current = all.Accounts[0].Name
		}
	}
}

// token returns the token of an account.
func (acc account) token(ctx context.Context) (string, error) {
	if acc.Token != "" {
		return acc.Token, nil
	}
	token, err := keyringGet(ctx, acc.Name)
	if err != nil {
		return "", fmt.Errorf("reading the token of %s from the keyring: %w; unlock it, or log in again", acc.Name, err)
	}
	return token, nil
}

func (a *app) accountsCommand() *cobra.Command {
	var use string
	cmd := &cobra.Command{
		Use:   "accounts",
		Short: "List the accounts that are logged in",
		Example: `misskey accounts
misskey accounts --use alice@misskey.example`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if use != "" {
				err := changeAccounts(func(all *accounts) error {
					acc, err := all.find(use)
					all.Current = acc.Name
					return err
				})
				if err != nil {
					return err
				}
			}
			all, err := loadAccounts()
			if err != nil {
				return err
			}
			return a.printAccounts(all)
		},
	}
	cmd.Flags().StringVar(&use, "use", "", "make `ACCOUNT` the one that commands use without --account")
	_ = cmd.RegisterFlagCompletionFunc("use", a.completeAccounts)
	return cmd
}

func (a *app) printAccounts(all *accounts) error {
	if len(all.Accounts) == 0 && !a.json {
		a.note("No account is logged in. Log in with: misskey login INSTANCE")
	}
	for _, acc := range all.Accounts {
		current := acc.Name == all.Current
		if a.json {
			line, err := json.Marshal(map[string]any{"name": acc.Name, "url": acc.URL, "userId": acc.UserID, "current": current, "keyring": acc.Token == ""})
			if err == nil {
				err = a.printJSON(line)
			}
			if err != nil {
				return err
			}
			continue
		}
		mark := " "
		if current {
			mark = "*"
		}
		if _, err := fmt.Fprintln(a.out, mark, clean(acc.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) completeAccounts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := loadAccounts()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, acc := range all.Accounts {
		names = append(names, acc.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
