package misskeytest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A registryItem is a value that an account keeps on the server for one of its
// programs.
type registryItem struct {
	id, domain, scope, name string
	owner                   *account
	value                   any
	updated                 time.Time
}

func (i *registryItem) key() string { return i.id }

// registryPlace is where the caller looks: the token of an app has a place of its
// own, whatever it asks for.
func (c *call) registryPlace() (domain, scope string) {
	domain = c.text("domain")
	if c.app != nil {
		domain = c.app.id
	}
	var parts []string
	names, _ := c.params["scope"].([]any)
	for _, name := range names {
		parts = append(parts, text(name))
	}
	return domain, strings.Join(parts, "/")
}

// scopeNames is a scope as clients see it.
func scopeNames(scope string) []string {
	if scope == "" {
		return []string{}
	}
	return strings.Split(scope, "/")
}

// registryItems are those of the caller at the place where it looks.
func (c *call) registryItems() []*registryItem {
	domain, scope := c.registryPlace()
	var found []*registryItem
	for _, i := range c.s.registry.items {
		if i.owner == c.account && i.domain == domain && i.scope == scope {
			found = append(found, i)
		}
	}
	return found
}

// registryItem is the one with the key that the caller asks for.
func (c *call) registryItem() (*registryItem, error) {
	for _, i := range c.registryItems() {
		if i.name == c.text("key") {
			return i, nil
		}
	}
	return nil, c.refuse(gen.ErrNoSuchKey)
}

// setRegistry is the endpoint i/registry/set.
func setRegistry(c *call) (any, error) {
	i, err := c.registryItem()
	if err != nil {
		domain, scope := c.registryPlace()
		i = &registryItem{id: c.s.newID(), domain: domain, scope: scope, name: c.text("key"), owner: c.account}
		c.s.registry.add(i)
	}
	i.value, i.updated = c.params["value"], c.s.now()
	if c.app == nil && c.params["domain"] == nil {
		c.s.publishMain(c.account, "registryUpdated", object{"scope": scopeNames(i.scope), "key": i.name, "value": i.value})
	}
	return nil, nil
}

// getRegistry is the endpoint i/registry/get. The answer to null is none.
func getRegistry(c *call) (any, error) {
	i, err := c.registryItem()
	if err != nil {
		return nil, err
	}
	return i.value, nil
}

// getRegistryDetail is the endpoint i/registry/get-detail.
func getRegistryDetail(c *call) (any, error) {
	i, err := c.registryItem()
	if err != nil {
		return nil, err
	}
	return object{"updatedAt": stamp(i.updated), "value": i.value}, nil
}

// getRegistryAll is the endpoint i/registry/get-all.
func getRegistryAll(c *call) (any, error) {
	all := object{}
	for _, i := range c.registryItems() {
		all[i.name] = i.value
	}
	return all, nil
}

// registryKeys is the endpoint i/registry/keys.
func registryKeys(c *call) (any, error) {
	names := []string{}
	for _, i := range c.registryItems() {
		names = append(names, i.name)
	}
	return names, nil
}

// registryTypes is the endpoint i/registry/keys-with-type.
func registryTypes(c *call) (any, error) {
	all := object{}
	for _, i := range c.registryItems() {
		switch i.value.(type) {
		case nil:
			all[i.name] = "null"
		case bool:
			all[i.name] = "boolean"
		case json.Number:
			all[i.name] = "number"
		case string:
			all[i.name] = "string"
		case []any:
			all[i.name] = "array"
		default:
			all[i.name] = "object"
		}
	}
	return all, nil
}

// removeRegistry is the endpoint i/registry/remove, which does not mind where
// there is nothing.
func removeRegistry(c *call) (any, error) {
	if i, err := c.registryItem(); err == nil {
		c.s.registry.remove(i.id)
	}
	return nil, nil
}

// registryScopes is the endpoint i/registry/scopes-with-domain.
func registryScopes(c *call) (any, error) {
	var domains []string
	scopes := map[string][]string{}
	for _, i := range c.s.registry.items {
		if i.owner != c.account {
			continue
		}
		if scopes[i.domain] == nil {
			domains = append(domains, i.domain)
		}
		if !slices.Contains(scopes[i.domain], i.scope) {
			scopes[i.domain] = append(scopes[i.domain], i.scope)
		}
	}
	all := []any{}
	for _, domain := range domains {
		parts := []any{}
		for _, scope := range scopes[domain] {
			parts = append(parts, scopeNames(scope))
		}
		item := object{"domain": nil, "scopes": parts}
		if domain != "" {
			item["domain"] = domain
		}
		all = append(all, item)
	}
	return all, nil
}
