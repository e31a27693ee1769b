package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"
)

// keyringService is what the keyring knows the tokens as.
const keyringService = "misskey-go"

// errNoKeyring says that this machine has no keyring to ask.
var errNoKeyring = errors.New("there is no keyring")

// hasKeyring reports whether there may be a keyring. Without a session bus, asking
// for one would start one, which stays.
func hasKeyring() bool {
	if os.Getenv("MISSKEY_KEYRING") == "off" {
		return false
	}
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return dir != "" && err == nil
}

func keyringGet(ctx context.Context, name string) (token string, err error) {
	err = askKeyring(ctx, func() (err error) {
		token, err = keyring.Get(keyringService, name)
		return err
	})
	return token, err
}

func keyringSet(ctx context.Context, name, token string) error {
	return askKeyring(ctx, func() error { return keyring.Set(keyringService, name, token) })
}

func keyringDelete(ctx context.Context, name string) error {
	return askKeyring(ctx, func() error { return keyring.Delete(keyringService, name) })
}

// askKeyring asks the keyring, which may ask the user for a password, so that it
// can take any time.
func askKeyring(ctx context.Context, ask func() error) error {
	if !hasKeyring() {
		return errNoKeyring
	}
	done := make(chan error, 1)
	go func() { done <- ask() }() // ends with the keyring's answer, or with the process
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
