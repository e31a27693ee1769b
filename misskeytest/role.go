package misskeytest

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A role is what accounts have in common, and what it lets them do.
type role struct {
	id      string
	updated time.Time

	// facts are the parameters of admin/roles/create and update.
	facts object
}

func (r *role) key() string { return r.id }

func (r *role) flag(name string) bool { return r.facts[name] == true }

func (r *role) order() float64 { return number(r.facts["displayOrder"]) }

// number is a number of JSON or of Go, and 0 for anything else.
func number(v any) float64 {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case int:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// rolesOf returns the roles of an account: those that it was assigned and those
// whose condition it meets.
func (s *Server) rolesOf(a *account) []*role {
	now := s.now()
	return s.roles.all(func(r *role) bool {
		if r.facts["target"] == "conditional" {
			return s.meets(a, r.facts["condFormula"])
		}
		return s.assignments.of(a, r, now) != nil
	})
}

// meets reports whether an account meets the condition of a role.
func (s *Server) meets(a *account, formula any) bool {
	values, _ := at(formula, "values").([]any)
	age := func() float64 { return s.now().Sub(timeOf(a.id)).Seconds() }
	limit := number(at(formula, "value"))
	followers := func() float64 { return float64(s.followers(a)) }
	following := func() float64 { return float64(s.follows.count(func(f *follow) bool { return f.follower == a })) }
	switch text(at(formula, "type")) {
	case "and":
		return !slices.ContainsFunc(values, func(v any) bool { return !s.meets(a, v) })
	case "or":
		return slices.ContainsFunc(values, func(v any) bool { return s.meets(a, v) })
	case "not":
		return !s.meets(a, at(formula, "value"))
	case "isLocal":
		return a.host == ""
	case "isRemote":
		return a.host != ""
	case "isSuspended":
		return a.suspended
	case "isLocked", "isBot", "isCat", "isExplorable":
		return a.flag(text(at(formula, "type")))
	case "roleAssignedTo":
		r := s.roles.get(text(at(formula, "roleId")))
		return r != nil && s.assignments.of(a, r, s.now()) != nil
	case "createdLessThan":
		return age() < number(at(formula, "sec"))
	case "createdMoreThan":
		return age() > number(at(formula, "sec"))
	case "followersLessThanOrEq":
		return followers() <= limit
	case "followersMoreThanOrEq":
		return followers() >= limit
	case "followingLessThanOrEq":
		return following() <= limit
	case "followingMoreThanOrEq":
		return following() >= limit
	case "notesLessThanOrEq":
		return float64(a.notes) <= limit
	case "notesMoreThanOrEq":
		return float64(a.notes) >= limit
	}
	return false
}

// policyOf returns what an account, who may be nil, may do: what everybody may,
// or what its roles say, of which those with the highest priority count.
func (s *Server) policyOf(a *account, name string) any {
	base := s.policies[name]
	if a == nil {
		return base
	}
	var values []any
	highest := -1.0
	for _, r := range s.rolesOf(a) {
		value, priority := base, 0.0
		if own, ok := at(r.facts["policies"], name).(object); ok {
			priority = number(own["priority"])
			if own["useDefault"] != true {
				value = own["value"]
			}
		}
		if priority > highest {
			values, highest = nil, priority
		}
		if priority == highest {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return base
	}
	return best(values)
}

// policiesOf returns all that an account may do.
func (s *Server) policiesOf(a *account) object {
	all := object{}
	for name := range s.policies {
		all[name] = s.policyOf(a, name)
	}
	return all
}

// best returns the most generous of several values of a policy.
func best(values []any) any {
	return slices.MaxFunc(values, func(a, b any) int {
		if x, ok := a.(bool); ok {
			y, _ := b.(bool)
			return cmp.Compare(generosity(x), generosity(y))
		}
		return cmp.Compare(number(a), number(b))
	})
}

func generosity(allowed bool) int {
	if allowed {
		return 1
	}
	return 0
}

// policy returns a number that limits the caller.
func (c *call) policy(name string) int { return int(number(c.s.policyOf(c.account, name))) }

// settleRoles finds out whether an account is a moderator or an administrator.
func (s *Server) settleRoles(a *account) {
	a.moderator, a.administrator = a.made.Moderator, a.made.Administrator
	for _, r := range s.rolesOf(a) {
		a.moderator = a.moderator || r.flag("isModerator")
		a.administrator = a.administrator || r.flag("isAdministrator")
	}
	a.moderator = a.moderator || a.administrator
}

func (s *Server) settleAllRoles() {
	for _, a := range s.accounts.items {
		s.settleRoles(a)
	}
}

func (s *Server) packRole(r *role) object {
	now := s.now()
	members := s.assignments.count(func(t *tie[*role]) bool {
		return t.to == r && (t.expires.IsZero() || now.Before(t.expires))
	})
	policies := object{}
	own, _ := r.facts["policies"].(object)
	for name, base := range s.policies {
		policies[name] = object{"useDefault": true, "priority": 0, "value": base}
		if v, ok := own[name]; ok {
			policies[name] = v
		}
	}
	packed := packRoleLite(r)
	maps.Copy(packed, object{
		"createdAt": createdAt(r.id), "updatedAt": stamp(r.updated), "policies": policies, "usersCount": members,
	})
	for _, name := range []string{"target", "condFormula", "isPublic", "isExplorable", "asBadge", "preserveAssignmentOnMoveAccount", "canEditMembersByModerator"} {
		packed[name] = r.facts[name]
	}
	return packed
}

// packRoleLite is a role as it stands on the page of an account.
func packRoleLite(r *role) object {
	packed := object{"id": r.id}
	for _, name := range []string{"name", "color", "iconUrl", "description", "isModerator", "isAdministrator", "displayOrder"} {
		packed[name] = r.facts[name]
	}
	return packed
}

// publicRoles are those that everybody sees on the page of an account.
func (s *Server) publicRoles(a *account) []any {
	return pack(s.ranked(a, "isPublic"), func(r *role) any { return packRoleLite(r) })
}

// badges are those that stand beside the name of an account.
func (s *Server) badges(a *account) []any {
	return pack(s.ranked(a, "asBadge"), func(r *role) any {
		return object{"name": r.facts["name"], "iconUrl": r.facts["iconUrl"], "displayOrder": r.facts["displayOrder"]}
	})
}

// ranked returns the roles of an account that have a flag, the highest first.
func (s *Server) ranked(a *account, flag string) []*role {
	roles := slices.DeleteFunc(s.rolesOf(a), func(r *role) bool { return !r.flag(flag) })
	slices.SortStableFunc(roles, func(a, b *role) int { return cmp.Compare(b.order(), a.order()) })
	return roles
}

// role returns a role, by the parameter roleId.
func (c *call) role() (*role, error) {
	if r := c.s.roles.get(c.text("roleId")); r != nil {
		return r, nil
	}
	return nil, c.refuse(gen.ErrNoSuchRole)
}

// createRole is the endpoint admin/roles/create.
func createRole(c *call) (any, error) {
	r := &role{id: c.s.newID(), updated: c.s.now(), facts: object{"preserveAssignmentOnMoveAccount": false}}
	maps.Copy(r.facts, c.params)
	c.s.roles.add(r)
	c.s.settleAllRoles()
	return c.s.packRole(r), nil
}

// updateRole is the endpoint admin/roles/update.
func updateRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	if order := number(c.params["displayOrder"]); order != math.Trunc(order) {
		return nil, internalError("displayOrder is not an integer")
	}
	for name, v := range c.params {
		if name != "roleId" {
			r.facts[name] = v
		}
	}
	r.updated = c.s.now()
	c.s.settleAllRoles()
	return nil, nil
}

// deleteRole is the endpoint admin/roles/delete.
func deleteRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	c.s.roles.remove(r.id)
	c.s.assignments.removeAll(func(t *tie[*role]) bool { return t.to == r })
	c.s.settleAllRoles()
	return nil, nil
}

// showRoleToAdmin is the endpoint admin/roles/show.
func showRoleToAdmin(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	return c.s.packRole(r), nil
}

// listAllRoles is the endpoint admin/roles/list. The one that changed last comes
// first.
func listAllRoles(c *call) (any, error) {
	all := slices.Clone(c.s.roles.items)
	slices.SortStableFunc(all, func(a, b *role) int { return b.updated.Compare(a.updated) })
	return pack(all, func(r *role) any { return c.s.packRole(r) }), nil
}

// updatePolicies is the endpoint admin/roles/update-default-policies.
func updatePolicies(c *call) (any, error) {
	changed, _ := c.params["policies"].(object)
	for name, v := range changed {
		if _, ok := c.s.policies[name]; ok {
			c.s.policies[name] = v
		}
	}
	return nil, nil
}

// roleAndUser returns what admin/roles/assign and unassign are about, if the
// caller may change it.
func (c *call) roleAndUser() (*role, *account, error) {
	r, err := c.role()
	if err != nil {
		return nil, nil, err
	}
	a := c.s.accounts.get(c.text("userId"))
	switch {
	case !r.flag("canEditMembersByModerator") && !c.account.administrator:
		return nil, nil, c.refuse(gen.ErrAccessDenied)
	case a == nil:
		return nil, nil, c.refuse(gen.ErrNoSuchUser)
	}
	return r, a, nil
}

// assignRole is the endpoint admin/roles/assign.
func assignRole(c *call) (any, error) {
	r, a, err := c.roleAndUser()
	if err != nil {
		return nil, err
	}
	s := c.s
	if s.assignments.of(a, r, s.now()) != nil {
		return nil, internalError("the account has that role already")
	}
	t := &tie[*role]{user: a, to: r}
	if ms := integer(c.params["expiresAt"]); ms != 0 {
		if t.expires = time.UnixMilli(ms); !s.now().Before(t.expires) {
			return nil, nil // it has ended before it began
		}
		s.later(t.expires.Sub(s.now()), func() { s.settleRoles(a) })
	}
	t.id = s.newID()
	s.assignments.add(t)
	s.settleRoles(a)
	if r.flag("isPublic") {
		s.notify(a, nil, "roleAssigned", object{"role": s.packRole(r)})
	}
	return nil, nil
}

// unassignRole is the endpoint admin/roles/unassign.
func unassignRole(c *call) (any, error) {
	r, a, err := c.roleAndUser()
	if err != nil {
		return nil, err
	}
	if !c.s.assignments.untie(c.s, a, r) {
		return nil, errInternal.with(nil) // the document has an error for it, but Misskey does not use that
	}
	c.s.settleRoles(a)
	return nil, nil
}

// roleMembers is the endpoint admin/roles/users or roles/users, which is for
// roles that can be explored.
func roleMembers(admin bool) handler {
	return func(c *call) (any, error) {
		r, err := c.role()
		if err != nil {
			return nil, err
		}
		if !admin && !(r.flag("isPublic") && r.flag("isExplorable")) {
			return nil, c.refuse(gen.ErrNoSuchRole)
		}
		now := c.s.now()
		page := c.s.assignments.page(c.cursor(), func(t *tie[*role]) bool {
			return t.to == r && (t.expires.IsZero() || now.Before(t.expires))
		})
		return pack(page, func(t *tie[*role]) any {
			packed := object{"id": t.id, "user": c.user(t.user)}
			if admin {
				packed["createdAt"], packed["expiresAt"] = createdAt(t.id), nil
				if !t.expires.IsZero() {
					packed["expiresAt"] = stamp(t.expires)
				}
			}
			return packed
		}), nil
	}
}

// listRoles is the endpoint roles/list, of those that can be explored.
func listRoles(c *call) (any, error) {
	all := c.s.roles.all(func(r *role) bool { return r.flag("isPublic") && r.flag("isExplorable") })
	return pack(all, func(r *role) any { return c.s.packRole(r) }), nil
}

// showRole is the endpoint roles/show, of those that are public.
func showRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	if !r.flag("isPublic") {
		return nil, c.refuse(gen.ErrNoSuchRole)
	}
	return c.s.packRole(r), nil
}

// roleNotes is the endpoint roles/notes. Newer ones come first whatever bounds
// are given.
func roleNotes(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	if !r.flag("isExplorable") {
		return []any{}, nil
	}
	page, err := c.notes(func(n *note) bool { return c.s.byRole(n, r) })
	if items, ok := page.([]any); ok && c.params["sinceId"] != nil && c.params["untilId"] == nil {
		slices.Reverse(items)
	}
	return page, err
}

// byRole reports whether a note is for the timeline of a role.
func (s *Server) byRole(n *note, r *role) bool {
	return n.visibility == "public" && slices.Contains(s.rolesOf(n.author), r)
}
