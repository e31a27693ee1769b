package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// each visits a command and all below it.
func each(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			each(sub, visit)
		}
	}
}

// The help of every command fits on a screen, and has an example.
func TestHelpFitsOnAScreen(t *testing.T) {
	root := newApp(nil, nil, nil).command()
	each(root, func(cmd *cobra.Command) {
		var b bytes.Buffer
		cmd.SetOut(&b)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) > 24 {
			t.Errorf("%s --help has %d lines:\n%s", cmd.CommandPath(), len(lines), b.String())
		}
		for _, line := range lines {
			if columns(line) > 80 {
				t.Errorf("%s --help has a line of %d columns: %s", cmd.CommandPath(), columns(line), line)
			}
		}
		if !cmd.HasSubCommands() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
	})
}

// The first page of help names every command.
func TestHelpNamesEveryCommand(t *testing.T) {
	root := newApp(nil, nil, nil).command()
	var named []string
	for _, g := range groups {
		named = append(named, strings.Split(g.commands, ", ")...)
	}
	for _, cmd := range root.Commands() {
		if cmd.IsAvailableCommand() && !strings.Contains(" "+strings.Join(named, " ")+" ", " "+cmd.Name()+" ") {
			t.Errorf("help does not name %s", cmd.Name())
		}
	}
}
