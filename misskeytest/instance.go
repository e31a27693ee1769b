package misskeytest

// showMeta is the endpoint meta. Most of it is made up from the document.
func showMeta(c *call) (any, error) {
	meta, ok := c.s.synthesize(c).(object)
	if !ok {
		return nil, nil
	}
	known := object{
		"uri": c.s.URL, "name": "misskeytest", "version": c.s.document.version,
		"maxNoteTextLength": 3000, "maxFileSize": maxFile, "policies": c.s.policies, "disableRegistration": true,
		"requireSetup": false, "federation": "none", "mediaProxy": c.s.URL + "/proxy",
	}
	if c.params["detail"] != false {
		known["features"] = object{
			"localTimeline": true, "globalTimeline": true, "registration": false, "emailRequiredForSignup": false,
			"hcaptcha": false, "recaptcha": false, "turnstile": false, "objectStorage": false, "serviceWorker": false, "miauth": true,
		}
	}
	for name, value := range known {
		if _, ok := meta[name]; ok || name == "features" {
			meta[name] = value
		}
	}
	if c.params["detail"] == false {
		for _, name := range []string{"features", "proxyAccountName", "requireSetup", "cacheRemoteFiles", "cacheRemoteSensitiveFiles"} {
			delete(meta, name)
		}
	}
	return meta, nil
}

// showStats is the endpoint stats.
func showStats(c *call) (any, error) {
	notes, users, reactions := len(c.s.notes.items), len(c.s.accounts.items), 0
	for _, n := range c.s.notes.items {
		reactions += len(n.reactions.items)
	}
	return object{
		"notesCount": notes, "originalNotesCount": notes, "usersCount": users, "originalUsersCount": users,
		"reactionsCount": reactions, "instances": 0, "driveUsageLocal": 0, "driveUsageRemote": 0,
	}, nil
}

// ping is the endpoint ping.
func ping(c *call) (any, error) { return object{"pong": c.s.now().UnixMilli()}, nil }

// listEndpoints is the endpoint endpoints.
func listEndpoints(c *call) (any, error) { return c.s.document.endpoints(), nil }
