package webhook

import (
	"errors"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/gen"
)

// A Report is a report of a user to the moderators.
type Report struct {
	ID      string `json:"id"`
	Comment string `json:"comment"`

	// TargetUser is the user that is reported, and Reporter the one who reports.
	// A host is nil for a user of the instance itself.
	TargetUserID   string       `json:"targetUserId"`
	TargetUser     gen.UserLite `json:"targetUser"`
	TargetUserHost *string      `json:"targetUserHost"`
	ReporterID     string       `json:"reporterId"`
	Reporter       gen.UserLite `json:"reporter"`
	ReporterHost   *string      `json:"reporterHost"`

	// Assignee is the moderator who has resolved the report, or nil.
	AssigneeID *string       `json:"assigneeId"`
	Assignee   *gen.UserLite `json:"assignee"`

	Resolved       bool                           `json:"resolved"`
	ResolvedAs     *gen.AbuseUserReportResolution `json:"resolvedAs"`
	Forwarded      bool                           `json:"forwarded"`
	ModerationNote string                         `json:"moderationNote"`
}

// Events of system webhooks. Those of user webhooks are in package event.
type (
	// AbuseReport reports that a user has been reported to the moderators.
	AbuseReport struct {
		event.Meta
		Report
	}

	// AbuseReportResolved reports that a moderator has resolved a report.
	AbuseReportResolved struct {
		event.Meta
		Report
	}

	// UserCreated reports a new account of the instance.
	UserCreated struct {
		event.Meta
		gen.UserLite
	}

	// InactiveModeratorsWarning reports that no moderator has been active for a
	// while, and that the instance will require invitations if that goes on.
	InactiveModeratorsWarning struct {
		event.Meta

		// RemainingTime is how long that will take.
		RemainingTime RemainingTime
	}

	// InactiveModeratorsInvitationOnlyChanged reports that the instance now
	// requires invitations, because no moderator has been active.
	InactiveModeratorsInvitationOnlyChanged struct{ event.Meta }
)

// RemainingTime is a time in Misskey's three forms. Time is exact; the others are
// rounded.
type RemainingTime struct {
	Time    api.Milliseconds `json:"time"`
	AsHours int              `json:"asHours"`
	AsDays  int              `json:"asDays"`
}

// Duration returns the exact time.
func (t RemainingTime) Duration() time.Duration { return t.Time.Duration }

// kinds makes an event of a body, by the type of the delivery. into decodes the body.
// The type "reaction" can be chosen at an instance, but no version of Misskey sends
// it, so that its form is not known.
var kinds = map[string]func(into func(any) error) (event.Event, error){
	"note":    withNote(func(n gen.Note) event.Event { return &event.Note{Note: n} }),
	"mention": withNote(func(n gen.Note) event.Event { return &event.Mention{Note: n} }),
	"reply":   withNote(func(n gen.Note) event.Event { return &event.Reply{Note: n} }),
	"renote":  withNote(func(n gen.Note) event.Event { return &event.Renote{Note: n} }),

	"follow":   withUser(func(u gen.UserDetailed) event.Event { return &event.Follow{UserDetailed: u} }),
	"unfollow": withUser(func(u gen.UserDetailed) event.Event { return &event.Unfollow{UserDetailed: u} }),
	"followed": withUser(func(u gen.UserLite) event.Event { return &event.Followed{UserLite: u} }),

	"abuseReport": func(into func(any) error) (event.Event, error) {
		ev := new(AbuseReport)
		return ev, into(&ev.Report)
	},
	"abuseReportResolved": func(into func(any) error) (event.Event, error) {
		ev := new(AbuseReportResolved)
		return ev, into(&ev.Report)
	},
	"userCreated": func(into func(any) error) (event.Event, error) {
		ev := new(UserCreated)
		return ev, into(&ev.UserLite)
	},
	"inactiveModeratorsWarning": func(into func(any) error) (event.Event, error) {
		var body struct {
			RemainingTime RemainingTime `json:"remainingTime"`
		}
		err := into(&body)
		return &InactiveModeratorsWarning{RemainingTime: body.RemainingTime}, err
	},
	"inactiveModeratorsInvitationOnlyChanged": func(func(any) error) (event.Event, error) {
		return new(InactiveModeratorsInvitationOnlyChanged), nil
	},
}

func withNote(of func(gen.Note) event.Event) func(func(any) error) (event.Event, error) {
	return func(into func(any) error) (event.Event, error) {
		var body struct {
			Note *gen.Note `json:"note"`
		}
		if err := into(&body); err != nil {
			return nil, err
		}
		if body.Note == nil {
			return nil, errors.New("its body has no note")
		}
		return of(*body.Note), nil
	}
}

func withUser[T any](of func(T) event.Event) func(func(any) error) (event.Event, error) {
	return func(into func(any) error) (event.Event, error) {
		var body struct {
			User *T `json:"user"`
		}
		if err := into(&body); err != nil {
			return nil, err
		}
		if body.User == nil {
			return nil, errors.New("its body has no user")
		}
		return of(*body.User), nil
	}
}
