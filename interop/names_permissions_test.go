package interop

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/naming"
	"v.io/v23/security"
	"v.io/v23/security/access"
	"v.io/v23/verror"
)

// What both tables begin with.
const tablePermissions = `{
  "": {"Admin": {"In": ["alice:$"]}, "Read": {"In": ["..."]}, "Create": {"In": ["alice:client"]}},
  "users": {"Create": {"In": ["..."]}, "Read": {"In": ["..."]}},
  "users/%%": {"Admin": {"In": ["alice:%%"]}, "Resolve": {"In": ["..."]}}
}`

// A client that tells how it went: "" or the id of the error.
type tryer interface {
	try(t *testing.T, words ...string) string
	glob(t *testing.T, pattern string) []string
}

func (n goNamer) try(t *testing.T, words ...string) string {
	t.Helper()
	ctx, ns, name := n.within(t), v23.GetNamespace(n.ctx), words[1]
	var err error
	switch words[0] {
	case "mount":
		err = ns.Mount(ctx, name, words[2], time.Hour)
	case "unmount":
		err = ns.Unmount(ctx, name, "")
	case "delete":
		err = ns.Delete(ctx, name, true)
	case "resolve":
		_, err = ns.ShallowResolve(ctx, name)
	case "permissions":
		_, _, err = ns.GetPermissions(ctx, name)
	case "restrict":
		perms := access.Permissions{}
		perms.Add(security.BlessingPattern(words[2]), "Admin")
		err = ns.SetPermissions(ctx, name, perms, words[3])
	default:
		t.Fatal(words)
	}
	if err == nil {
		return ""
	}
	return string(verror.ErrorID(err))
}

func (n ourNamer) try(t *testing.T, words ...string) string {
	t.Helper()
	var out string
	var err error
	switch words[0] {
	case "mount":
		out, err = n.run("", "mount", words[1], words[2], "1h")
	case "delete":
		out, err = n.run("", "delete", "-r", words[1])
	case "resolve":
		out, err = n.run("", "resolve", "-s", words[1])
	case "permissions":
		out, err = n.run("", "permissions", "get", words[1])
	case "restrict":
		perms := access.Permissions{}
		perms.Add(security.BlessingPattern(words[2]), "Admin")
		text, _ := json.Marshal(perms)
		set := []string{"permissions", "set", words[1], "-"}
		if words[3] != "" {
			set = append(set, "--version", words[3])
		}
		out, err = n.run(string(text), set...)
	default:
		out, err = n.run("", words...)
	}
	if err == nil {
		return ""
	}
	var answer struct{ Error struct{ ID string } }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	id := answer.Error.ID
	// The two ids of the same error; see naming/errors.h.
	return strings.TrimPrefix(id, "v.io/v23/naming.")
}

// TestNamesPermissions tells the same story to each table, by clients of each side: who may do what, and what is said to
// those who may not.
func TestNamesPermissions(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	guest := filepath.Join(t.TempDir(), "guest")
	tools[1].run(t, f.server, "fork", "--with-passphrase=false", "--key-type=ecdsa256", "--require-caveats=false", guest, "guest")
	file := file(t, tablePermissions)
	const (
		fine   = ""
		denied = "v.io/v23/verror.NoAccess"
		server = "/127.0.0.1:1"
	)
	absent, old := string(naming.ErrNoSuchName.ID), string(verror.ErrBadVersion.ID)
	story := []struct {
		who   string
		words string
		want  string
	}{
		{"client", "mount mine/a " + server, fine},
		{"guest", "mount mine/b " + server, denied},
		{"guest", "mount other " + server, denied},
		{"guest", "mount mine/a " + server, denied},
		{"guest", "resolve mine/a", fine},
		{"guest", "resolve mine/c", absent},
		{"guest", "permissions mine/a", fine},
		{"guest", "unmount mine/a", denied},
		{"guest", "restrict mine alice:guest ", denied},
		{"guest", "delete mine", denied},
		{"client", "mount users/client/x " + server, fine},
		{"client", "mount users/guest/x " + server, denied},
		{"guest", "mount users/guest/x " + server, fine},
		{"guest", "resolve users/client/x", fine},
		{"guest", "permissions users/client", denied},
		{"client", "restrict mine alice:client 17", old},
		{"client", "restrict mine alice:client ", fine},
		{"guest", "resolve mine/a", denied},
		{"client", "resolve mine/a", fine},
		// Nobody locks himself out.
		{"client", "restrict mine alice:guest ", fine},
		{"client", "permissions mine", fine},
		{"guest", "mount mine/b " + server, fine},
		// Who may do everything.
		{"alice", "resolve mine/a", fine},
		{"alice", "delete mine", fine},
		{"client", "resolve mine/a", absent},
		{"client", "unmount mine/a", fine},
	}
	folders := map[string]string{"alice": f.server, "client": f.client, "guest": guest}
	for _, table := range tablesWithPermissions {
		for _, each := range namers[:2] {
			t.Run(table.name+"/"+each.name, func(t *testing.T) {
				name := table.serve(t, f.server, file)
				clients := map[string]tryer{}
				for who, folder := range folders {
					clients[who] = each.make(t, folder, name).(tryer)
				}
				for _, step := range story {
					if got := clients[step.who].try(t, strings.Split(step.words, " ")...); got != step.want {
						t.Errorf("%s: %s: %q, want %q", step.who, step.words, got, step.want)
					}
				}
				// Names that are given are found by all who may pass; others are listed to those who may read there.
				for who, want := range map[string]string{"client": "users/client/x", "guest": "users/guest/x"} {
					if got := strings.Join(clients[who].glob(t, "users/*"), " "); got != "users/client users/guest" {
						t.Errorf("%s sees %q", who, got)
					}
					if got := strings.Join(clients[who].glob(t, "users/*/x"), " "); got != "users/client/x users/guest/x" {
						t.Errorf("%s finds %q", who, got)
					}
					if got := strings.Join(clients[who].glob(t, "users/*/*"), " "); got != want {
						t.Errorf("%s sees %q, want %q", who, got, want)
					}
				}
			})
		}
	}
}
