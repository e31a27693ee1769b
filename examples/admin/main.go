// Command admin does what moderators do most:
//
//	admin reports             lists reports that nobody has resolved
//	admin resolve ID          resolves one
//	admin suspend NAME        suspends an account of the instance
//	admin unsuspend NAME      takes that back
//	admin emoji FILE…         adds custom emojis, called like the files
//
// The environment variables MISSKEY_URL and MISSKEY_TOKEN have the instance and the
// token of a moderator, whose permissions are those that [permissions] returns.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err == nil {
		err = run(ctx, mk, os.Stdout, os.Args[1:])
	}
	if errors.Is(err, gen.ErrPermissionDenied) {
		needed, _ := permissions()
		err = fmt.Errorf("%w; the token needs the permissions %v", err, needed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "admin:", err)
		os.Exit(1)
	}
}

// permissions are what the token needs.
func permissions() ([]gen.Permission, error) {
	return misskey.PermissionsFor(gen.OpAdminAbuseUserReports, gen.OpAdminResolveAbuseUserReport,
		gen.OpAdminSuspendUser, gen.OpAdminUnsuspendUser, gen.OpDriveFilesCreate, gen.OpAdminEmojiAdd)
}

func run(ctx context.Context, mk *misskey.Client, out io.Writer, args []string) error {
	command, args := strings.Join(args[:min(len(args), 1)], ""), args[min(len(args), 1):]
	if command == "reports" && len(args) == 0 {
		return reports(ctx, mk, out)
	}
	do := map[string]func(context.Context, *misskey.Client, string) error{
		"resolve": resolve, "suspend": suspend, "unsuspend": unsuspend, "emoji": addEmoji,
	}[command]
	if do == nil || len(args) == 0 {
		return errors.New("want reports, or one of resolve, suspend, unsuspend and emoji with what to do that to")
	}
	for _, arg := range args {
		if err := do(ctx, mk, arg); err != nil {
			return fmt.Errorf("%s %s: %w", command, arg, err)
		}
		fmt.Fprintln(out, command, arg)
	}
	return nil
}

func reports(ctx context.Context, mk *misskey.Client, out io.Writer) error {
	for report, err := range mk.AdminAbuseUserReportsAll(ctx, gen.AdminAbuseUserReportsRequest{State: new(gen.AbuseUserReportStateUnresolved)}) {
		if err != nil {
			return err
		}
		// %q, because anyone can write anything there, for a terminal, too.
		fmt.Fprintf(out, "%s @%s by @%s: %q\n", report.ID, report.TargetUser.Acct(), report.Reporter.Acct(), report.Comment)
	}
	return nil
}

func resolve(ctx context.Context, mk *misskey.Client, id string) error {
	return mk.AdminResolveAbuseUserReport(ctx, gen.AdminResolveAbuseUserReportRequest{ReportID: id})
}

func suspend(ctx context.Context, mk *misskey.Client, name string) error {
	user, err := find(ctx, mk, name)
	if err != nil {
		return err
	}
	return mk.AdminSuspendUser(ctx, gen.AdminSuspendUserRequest{UserID: user.ID})
}

func unsuspend(ctx context.Context, mk *misskey.Client, name string) error {
	user, err := find(ctx, mk, name)
	if err != nil {
		return err
	}
	return mk.AdminUnsuspendUser(ctx, gen.AdminUnsuspendUserRequest{UserID: user.ID})
}

func find(ctx context.Context, mk *misskey.Client, name string) (gen.UserDetailed, error) {
	return misskey.Call[gen.UserDetailed](ctx, mk, "users/show", map[string]string{"username": strings.TrimPrefix(name, "@")})
}

// addEmoji uploads a picture and makes an emoji of it.
func addEmoji(ctx context.Context, mk *misskey.Client, path string) error {
	picture, err := os.Open(path)
	if err != nil {
		return err
	}
	file, err := mk.Upload(ctx, misskey.File{Name: filepath.Base(path), Body: picture}) // closes it
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	_, err = mk.AdminEmojiAdd(ctx, gen.AdminEmojiAddRequest{Name: name, FileID: file.ID})
	return err
}
