package misskeytest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// newSettings are those of a new instance that are neither null, false, 0 nor
// empty.
func newSettings() object {
	return object{
		"name": "misskeytest", "repositoryUrl": "https://github.com/misskey-dev/misskey",
		"feedbackUrl": "https://github.com/misskey-dev/misskey/issues/new", "disableRegistration": true,
		"federation": "none", "ugcVisibilityForVisitor": "local", "manifestJsonOverride": "{}",
		"cacheRemoteSensitiveFiles": true, "proxyRemoteFiles": true, "signToActivityPubGet": true, "allowExternalApRedirect": true,
		"sensitiveMediaDetection": "none", "sensitiveMediaDetectionSensitivity": "medium",
		"sensitiveMediaDetectionTimeout": 60000, "sensitiveMediaDetectionMaxImagesPerRequest": 4,
		"objectStorageUseSSL": true, "objectStorageUseProxy": true, "objectStorageS3ForcePathStyle": true,
		"enableActiveEmailValidation": true, "enableIdenticonGeneration": true,
		"enableChartsForRemoteUser": true, "enableChartsForFederatedInstances": true, "enableStatsForFederatedInstances": true,
		"enableFanoutTimeline": true, "enableFanoutTimelineDbFallback": true,
		"perLocalUserUserTimelineCacheMax": 300, "perRemoteUserUserTimelineCacheMax": 100,
		"perUserHomeTimelineCacheMax": 300, "perUserListTimelineCacheMax": 300,
		"urlPreviewEnabled": true, "urlPreviewAllowRedirect": true, "urlPreviewTimeout": 10000, "urlPreviewMaximumContentLength": 10485760,
		"remoteNotesCleaningExpiryDaysForEachNotes": 90, "remoteNotesCleaningMaxProcessingDurationInMinutes": 60,
		"preservedUsernames": []any{
			"admin", "administrator", "root", "system", "maintainer", "host", "mod", "moderator", "owner", "superuser", "staff",
			"auth", "i", "me", "everyone", "all", "mention", "mentions", "example", "user", "users", "account", "accounts",
			"official", "help", "helps", "support", "supports", "info", "information", "informations", "announce", "announces",
			"announcement", "announcements", "notice", "notification", "notifications", "dev", "developer", "developers", "tech", "misskey",
		},
	}
}

// setting returns what the instance is set to; nil for nothing.
func (s *state) setting(name string) any { return s.settings[name] }

// prohibited reports whether one of several texts has what a setting forbids: all
// words of one of its lines, or what a line like /regular expression/i matches.
func (s *state) prohibited(setting string, texts ...string) bool {
	lines, _ := s.setting(setting).([]any)
	return slices.ContainsFunc(lines, func(line any) bool {
		matches := func(body string) bool {
			return !slices.ContainsFunc(strings.Fields(text(line)), func(word string) bool { return !strings.Contains(body, word) })
		}
		if re := slashed.FindStringSubmatch(text(line)); re != nil {
			flags := ""
			if strings.Contains(re[2], "i") {
				flags = "(?i)"
			}
			compiled, err := regexp.Compile(flags + re[1])
			matches = func(body string) bool { return err == nil && compiled.MatchString(body) }
		}
		return slices.ContainsFunc(texts, matches)
	})
}

// slashed is how a setting writes a regular expression.
var slashed = regexp.MustCompile(`^/(.+)/(\w*)$`)

// updateSettings is the endpoint admin/update-meta. Null unsets a text, and
// changes nothing else.
func updateSettings(c *call) (any, error) {
	properties := c.s.document.properties(c.op.request)
	next := object{}
	for name, v := range c.params {
		if properties[name] == nil {
			continue
		}
		kinds := types(c.s.document.resolve(properties[name]))
		if list, ok := v.([]any); ok {
			v = slices.DeleteFunc(slices.Clone(list), func(item any) bool { return item == "" })
		}
		if v == nil && !slices.Contains(kinds, "string") {
			continue
		}
		if v == "" && name == "sensitiveMediaDetectionApiUrl" {
			v = nil
		}
		if name == "swPublicKey" { // it is shown in another spelling
			name = "swPublickey"
		}
		next[name] = v
	}
	if len(next) == 0 {
		return nil, internalError("there is nothing to update")
	}
	maps.Copy(c.s.settings, next)
	return nil, nil
}

// showSettings is the endpoint admin/meta.
func showSettings(c *call) (any, error) {
	shown := c.s.describe(c.op.response, c.s.settings)
	for name, v := range c.s.instanceFacts() {
		if _, ok := shown[name]; ok {
			shown[name] = v
		}
	}
	return shown, nil
}

// showMeta is the endpoint meta.
func showMeta(c *call) (any, error) {
	s, set := c.s, c.s.settings
	shown := s.describe(c.op.response, set)
	facts := s.instanceFacts()
	maps.Copy(facts, object{
		"maxNoteTextLength": 3000, "maxFileSize": maxFile, "requireSetup": false, "repositoryUrl": repository, "noteSearchableScope": "global",
		"mediaProxy": s.URL + "/proxy", "enableUrlPreview": set["urlPreviewEnabled"],
	})
	if set["mascotImageUrl"] == nil {
		facts["mascotImageUrl"] = "/assets/ai.png"
	}
	on := func(name string) bool { return set[name] == true }
	if _, ok := shown["features"]; ok {
		facts["features"] = object{
			"registration": !on("disableRegistration"), "emailRequiredForSignup": on("emailRequiredForSignup"),
			"hcaptcha": on("enableHcaptcha"), "recaptcha": on("enableRecaptcha"), "turnstile": on("enableTurnstile"),
			"objectStorage": on("useObjectStorage"), "serviceWorker": on("enableServiceWorker"), "miauth": true,
		}
	}
	for name, v := range facts {
		if _, ok := shown[name]; ok {
			shown[name] = v
		}
	}
	if c.params["detail"] == false {
		for _, name := range []string{"features", "proxyAccountName", "requireSetup", "cacheRemoteFiles", "cacheRemoteSensitiveFiles"} {
			delete(shown, name)
		}
	}
	return shown, nil
}

// instanceFacts are what an instance says of itself that nobody sets.
func (s *Server) instanceFacts() object {
	return object{
		"uri": s.URL, "version": s.versionText(), "policies": s.policies, "translatorAvailable": s.settings["deeplAuthKey"] != nil,
		"proxyAccountId": proxyAccount,
	}
}

// proxyAccount is the id of the account that follows others for lists. It is not
// to be seen.
var proxyAccount = idAt(epoch)

// describe returns an object of a schema with all its properties: those that are
// known, and the others null, empty, false or 0.
func (s *Server) describe(schema any, known object) object {
	shown := object{}
	for name, property := range s.document.properties(schema) {
		if v, ok := known[name]; ok {
			shown[name] = v
			continue
		}
		shown[name] = s.document.zero(property)
	}
	return shown
}

// properties returns all properties of a schema, those of its parts and arms
// included.
func (d *document) properties(schema any) object {
	all, s := object{}, d.resolve(schema)
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		parts, _ := s[key].([]any)
		for _, part := range parts {
			maps.Copy(all, d.properties(part))
		}
	}
	own, _ := s["properties"].(object)
	maps.Copy(all, own)
	return all
}

// zero returns the emptiest value that a schema allows.
func (d *document) zero(schema any) any {
	s := d.resolve(schema)
	if values, ok := s["enum"].([]any); ok {
		return values[0]
	}
	kinds := types(s)
	switch {
	case slices.Contains(kinds, "null"):
		return nil
	case slices.Contains(kinds, "array"):
		return []any{}
	case slices.Contains(kinds, "boolean"):
		return false
	case slices.Contains(kinds, "integer"), slices.Contains(kinds, "number"):
		return 0
	case slices.Contains(kinds, "string"):
		return ""
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		arms, _ := s[key].([]any)
		for _, arm := range arms {
			if slices.Equal(types(d.resolve(arm)), []string{"null"}) {
				return nil
			}
		}
	}
	v, required := object{}, map[string]bool{}
	names, _ := s["required"].([]any)
	for _, name := range names {
		required[text(name)] = true
	}
	for name, property := range d.properties(s) {
		if required[name] {
			v[name] = d.zero(property)
		}
	}
	return v
}
