package misskeytest

import (
	"net/http"
	"strings"
)

// repository is where the source of Misskey is.
const repository = "https://github.com/misskey-dev/misskey"

// serveNodeInfoIndex says where the nodeinfo is, by which servers of the fediverse
// say what they are.
func (s *Server) serveNodeInfoIndex(w http.ResponseWriter) {
	var links []any
	for _, version := range []string{"2.1", "2.0"} {
		links = append(links, object{"rel": "http://nodeinfo.diaspora.software/ns/schema/" + version, "href": s.URL + "/nodeinfo/" + version})
	}
	writeJSON(w, http.StatusOK, object{"links": links})
}

// serveNodeInfo serves the nodeinfo. That of version 2.0 has no repository.
func (s *Server) serveNodeInfo(w http.ResponseWriter, path string) {
	version := strings.TrimPrefix(path, "/nodeinfo/")
	software := object{"name": "misskey", "version": s.document.version}
	if version != "2.0" {
		software["repository"] = repository
	}
	writeJSON(w, http.StatusOK, object{
		"version": version, "software": software, "protocols": []any{"activitypub"},
		"services": object{"inbound": []any{}, "outbound": []any{"atom1.0", "rss2.0"}}, "openRegistrations": false,
		"usage": object{"users": object{}}, "metadata": object{"nodeName": "misskeytest"},
	})
}
