package interop

import (
	"encoding/json"
	"os"
	"os/exec"
	"sort"
	"strings"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/naming"
	"v.io/v23/options"
	"v.io/v23/rpc"
	"v.io/v23/security"
	"v.io/v23/security/access"
	"v.io/v23/verror"
	"v.io/x/ref/services/mounttable/mounttablelib"
)

// The mount tables, by who serves them; each acts as the principal in a folder and gives its name.
var tables = []struct {
	name  string
	serve func(t *testing.T, folder string) string
}{
	{"a table of Go's", goTable},
	{"a table of ours", ourTable},
}

// The same, beginning with the permissions in a file.
var tablesWithPermissions = []struct {
	name  string
	serve func(t *testing.T, folder, permissions string) string
}{
	{"a table of Go's", goTableWith},
	{"a table of ours", func(t *testing.T, folder, permissions string) string {
		return ourTableWith(t, folder, "--permissions", permissions)
	}},
}

func goTable(t *testing.T, folder string) string { return goTableWith(t, folder, "") }

func goTableWith(t *testing.T, folder, permissions string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(goContext(t, folder))
	dispatcher, err := mounttablelib.NewMountTableDispatcher(ctx, permissions, "", "names/"+t.Name())
	if err != nil {
		t.Fatal(err)
	}
	_, server, err := v23.WithNewDispatchingServer(ctx, "", dispatcher, options.ServesMountTable(true))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		<-server.Closed()
	})
	return server.Status().Endpoints[0].Name()
}

func ourTable(t *testing.T, folder string) string { return ourTableWith(t, folder) }

func ourTableWith(t *testing.T, folder string, words ...string) string {
	t.Helper()
	line := start(t, "NIOBIUM_NB", append([]string{"mounttable", "--credentials", folder}, words...)...).line(t)
	if !strings.HasPrefix(line, "NAME=/@6@tcp@") {
		t.Fatalf("our mount table says %q", line)
	}
	return strings.TrimPrefix(line, "NAME=")
}

// The clients of mount tables, by whose they are. Names are relative to the table.
type namer interface {
	mount(t *testing.T, name, server string)
	unmount(t *testing.T, name string)
	// The names that match, sorted, each once.
	glob(t *testing.T, pattern string) []string
	// The servers that a name stands for.
	resolve(t *testing.T, name string) string
	setPermissions(t *testing.T, name string, perms access.Permissions)
	permissions(t *testing.T, name string) access.Permissions
}

var namers = []struct {
	name string
	make func(t *testing.T, folder, table string) namer
}{
	{"Go", func(t *testing.T, folder, table string) namer {
		ctx, ns, err := v23.WithNewNamespace(goContext(t, folder), table)
		if err != nil {
			t.Fatal(err)
		}
		ns.CacheCtl(naming.DisableCache(true))
		return goNamer{ctx}
	}},
	{"ours", func(_ *testing.T, folder, table string) namer { return ourNamer{folder, table} }},
	{"Go's tool", func(_ *testing.T, folder, table string) namer { return goToolNamer{folder, table} }},
}

type goNamer struct{ ctx *context.T }

func (n goNamer) within(t *testing.T) *context.T {
	ctx, cancel := context.WithTimeout(n.ctx, 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func (n goNamer) mount(t *testing.T, name, server string) {
	t.Helper()
	if err := v23.GetNamespace(n.ctx).Mount(n.within(t), name, server, time.Hour); err != nil {
		t.Fatal(err)
	}
}

func (n goNamer) unmount(t *testing.T, name string) {
	t.Helper()
	if err := v23.GetNamespace(n.ctx).Unmount(n.within(t), name, ""); err != nil {
		t.Fatal(err)
	}
}

func (n goNamer) glob(t *testing.T, pattern string) []string {
	t.Helper()
	replies, err := v23.GetNamespace(n.ctx).Glob(n.within(t), pattern)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for reply := range replies {
		switch each := reply.(type) {
		case *naming.GlobReplyEntry:
			found[each.Value.Name] = true
		case *naming.GlobReplyError:
			// Of servers that have no names below their own.
			if !strings.Contains(each.Value.Error.Error(), "glob not implemented") {
				t.Errorf("%s: %v", each.Value.Name, each.Value.Error)
			}
		}
	}
	return sorted(found)
}

func (n goNamer) resolve(t *testing.T, name string) string {
	t.Helper()
	entry, err := v23.GetNamespace(n.ctx).Resolve(n.within(t), name)
	if err != nil {
		return string(verror.ErrorID(err))
	}
	return strings.Join(entry.Names(), " ")
}

func (n goNamer) setPermissions(t *testing.T, name string, perms access.Permissions) {
	t.Helper()
	if err := v23.GetNamespace(n.ctx).SetPermissions(n.within(t), name, perms, ""); err != nil {
		t.Fatal(err)
	}
}

func (n goNamer) permissions(t *testing.T, name string) access.Permissions {
	t.Helper()
	perms, _, err := v23.GetNamespace(n.ctx).GetPermissions(n.within(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return perms
}

type ourNamer struct{ folder, table string }

func (n ourNamer) run(input string, words ...string) (string, error) {
	command := exec.Command(os.Getenv("NIOBIUM_NB"), append([]string{"--json", "--credentials", n.folder, "namespace"}, words...)...)
	command.Env = append(os.Environ(), "V23_NAMESPACE="+n.table)
	command.Stdin = strings.NewReader(input)
	var failure strings.Builder
	command.Stderr = &failure
	out, err := command.Output()
	if err != nil {
		return failure.String(), err
	}
	return string(out), nil
}

func (n ourNamer) must(t *testing.T, answer interface{}, input string, words ...string) {
	t.Helper()
	out, err := n.run(input, words...)
	if err != nil {
		t.Fatalf("nb namespace %s: %s", strings.Join(words, " "), out)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
}

func (n ourNamer) mount(t *testing.T, name, server string) {
	t.Helper()
	n.must(t, nil, "", "mount", name, server, "1h")
}

func (n ourNamer) unmount(t *testing.T, name string) {
	t.Helper()
	n.must(t, nil, "", "unmount", name)
}

func (n ourNamer) glob(t *testing.T, pattern string) []string {
	t.Helper()
	var answer struct {
		Entries []struct{ Name string }
		Errors  []struct{ Name, Error string }
	}
	n.must(t, &answer, "", "glob", pattern)
	found := map[string]bool{}
	for _, each := range answer.Entries {
		found[each.Name] = true
	}
	for _, each := range answer.Errors {
		if !strings.Contains(each.Error, "glob not implemented") {
			t.Errorf("%s: %s", each.Name, each.Error)
		}
	}
	return sorted(found)
}

func (n ourNamer) resolve(t *testing.T, name string) string {
	t.Helper()
	out, err := n.run("", "resolve", name)
	if err != nil {
		if strings.Contains(out, "doesn't exist") {
			return string(naming.ErrNoSuchName.ID)
		}
		return out
	}
	var answer struct{ Servers []struct{ Server string } }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	var servers []string
	for _, each := range answer.Servers {
		servers = append(servers, each.Server)
	}
	return strings.Join(servers, " ")
}

func (n ourNamer) setPermissions(t *testing.T, name string, perms access.Permissions) {
	t.Helper()
	text, err := json.Marshal(perms)
	if err != nil {
		t.Fatal(err)
	}
	n.must(t, nil, string(text), "permissions", "set", name, "-")
}

func (n ourNamer) permissions(t *testing.T, name string) access.Permissions {
	t.Helper()
	var answer struct{ Permissions access.Permissions }
	n.must(t, &answer, "", "permissions", "get", name)
	return answer.Permissions
}

func sorted(names map[string]bool) []string {
	var list []string
	for name := range names {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

// TestNames has a case for each table, client and thing to do with it. Calls by name go to a server of the other
// implementation than the client's.
func TestNames(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	goServed, _ := goServer(t, f.server, nil, "tcp")
	ourServed := start(t, callsVariable, f.server).serve(t, "default", "tcp")
	for _, table := range tables {
		t.Run(table.name, func(t *testing.T) {
			name := table.serve(t, f.server)
			for _, each := range namers {
				t.Run(each.name, func(t *testing.T) {
					client := each.make(t, f.client, name)
					server := goServed
					if each.name == "Go" {
						server = ourServed
					}
					folder := strings.NewReplacer(" ", "", "'", "").Replace(each.name)
					t.Run("mount", func(t *testing.T) {
						client.mount(t, folder+"/a", server)
						client.mount(t, folder+"/b/c", server)
					})
					t.Run("resolve", func(t *testing.T) {
						if got := client.resolve(t, folder+"/b/c"); got != server {
							t.Errorf("%s, want %s", got, server)
						}
						if got := client.resolve(t, folder+"/x"); got != string(naming.ErrNoSuchName.ID) {
							t.Error(got)
						}
					})
					t.Run("call", func(t *testing.T) {
						switch each.name {
						case "ours":
							start(t, callsVariable, f.client).wantOK(t, "mix", name+"/"+folder+"/b/c")
							return
						case "Go's tool": // makes no calls: to what it says
							start(t, callsVariable, f.client).wantOK(t, "mix", client.resolve(t, folder+"/b/c"))
							return
						}
						if err := goCalls["mix"](client.(goNamer).within(t), folder+"/b/c"); err != nil {
							t.Error(err)
						}
					})
					t.Run("glob", func(t *testing.T) {
						for pattern, want := range map[string]string{
							folder + "/*":     folder + "/a " + folder + "/b",
							folder + "/*/[c]": folder + "/b/c",
							folder + "/***":   folder + " " + folder + "/a " + folder + "/b " + folder + "/b/c",
							folder + "/z/*":   "",
						} {
							if got := strings.Join(client.glob(t, pattern), " "); got != want {
								t.Errorf("%s: %q, want %q", pattern, got, want)
							}
						}
					})
					t.Run("permissions", func(t *testing.T) {
						all := access.Permissions{}
						for _, tag := range []string{"Read", "Resolve", "Mount", "Create", "Admin"} {
							all.Add(security.BlessingPattern("alice"), tag)
						}
						client.setPermissions(t, folder+"/b", all)
						got := client.permissions(t, folder+"/b")
						if list := got["Mount"]; len(list.In) != 1 || list.In[0] != "alice" {
							t.Errorf("%v", got)
						}
					})
					t.Run("unmount", func(t *testing.T) {
						client.unmount(t, folder+"/b/c")
						if got := client.resolve(t, folder+"/b/c"); got != string(naming.ErrNoSuchName.ID) {
							t.Error(got)
						}
					})
				})
			}
		})
	}
}

// TestPublishing is of servers that mount themselves in the other implementation's table.
func TestPublishing(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	t.Run("Go in a table of ours", func(t *testing.T) {
		table := ourTable(t, f.server)
		ctx, _, err := v23.WithNewNamespace(goContext(t, f.server), table)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(ctx)
		_, server, err := v23.WithNewServer(ctx, "shop/exchange", &exchange{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ours := ourNamer{f.client, table}
		eventually(t, func() bool { return strings.HasPrefix(ours.resolve(t, "shop/exchange"), "@6@") })
		start(t, callsVariable, f.client).wantOK(t, "chat", table+"/shop/exchange")
		cancel()
		<-server.Closed()
		eventually(t, func() bool { return ours.resolve(t, "shop/exchange") == string(naming.ErrNoSuchName.ID) })
	})
	t.Run("a table of ours in one of Go's", func(t *testing.T) {
		table := goTable(t, f.server)
		line := start(t, "NIOBIUM_NB", "mounttable", "--credentials", f.server, "--root", table, "--name", "below").line(t)
		below := strings.TrimPrefix(line, "NAME=")
		ctx, ns, err := v23.WithNewNamespace(goContext(t, f.client), table)
		if err != nil {
			t.Fatal(err)
		}
		ns.CacheCtl(naming.DisableCache(true))
		eventually(t, func() bool {
			entry, err := ns.ShallowResolve(ctx, "below")
			return err == nil && entry.ServesMountTable
		})
		served, _ := goServer(t, f.server, nil, "tcp")
		goNamer{ctx}.mount(t, "below/exchange", served)
		if got := (ourNamer{f.client, below}).resolve(t, "exchange"); got != served {
			t.Error(got)
		}
		if got := strings.Join((ourNamer{f.client, table}).glob(t, "..."), " "); !strings.Contains(got, "below/exchange") {
			t.Error(got)
		}
		if err := goCalls["chat"](goNamer{ctx}.within(t), "below/exchange"); err != nil {
			t.Error(err)
		}
	})
}

// TestGlobOfServers is __Glob of servers that are no mount tables.
func TestGlobOfServers(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	ourServed := start(t, callsVariable, f.server).serve(t, "default", "tcp")
	ctx, cancel := context.WithTimeout(goContext(t, f.client), 30*time.Second)
	defer cancel()
	call, err := v23.GetClient(ctx).StartCall(ctx, ourServed, rpc.GlobMethod, []interface{}{"*"})
	if err != nil {
		t.Fatal(err)
	}
	var reply naming.GlobReply
	if err := call.Recv(&reply); err != nil {
		t.Fatal(err)
	}
	if failure, ok := reply.(naming.GlobReplyError); !ok || verror.ErrorID(failure.Value.Error) != "v.io/v23/rpc/reserved.GlobNotImplemented" {
		t.Errorf("%#v", reply)
	}
	if err := call.Finish(); err != nil {
		t.Error(err)
	}
}
