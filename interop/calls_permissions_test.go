package interop

import (
	"io"
	"path/filepath"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/options"
	"v.io/v23/rpc"
	"v.io/v23/security"
	"v.io/v23/security/access"
	"v.io/v23/vdl"
	"v.io/v23/verror"
)

// safe is Go's exchange.Safe, with the tags of its methods.
type safe struct{ value string }

func (s *safe) Look(*context.T, rpc.ServerCall) (string, error) { return s.value, nil }

func (s *safe) Put(_ *context.T, _ rpc.ServerCall, value string) error {
	s.value = value
	return nil
}

func (s *safe) Follow(_ *context.T, call rpc.StreamServerCall, times int32) error {
	for i := int32(0); i < times; i++ {
		if err := call.Send(s.value); err != nil {
			return err
		}
	}
	return nil
}

func (*safe) Shake(*context.T, rpc.ServerCall) error { return nil }

func (*safe) Describe__() []rpc.InterfaceDesc { //nolint:revive // The name is Go's runtime's.
	tagged := func(name string, tags ...access.Tag) rpc.MethodDesc {
		desc := rpc.MethodDesc{Name: name}
		for _, tag := range tags {
			desc.Tags = append(desc.Tags, vdl.ValueOf(tag))
		}
		return desc
	}
	return []rpc.InterfaceDesc{{Name: "Safe", PkgPath: "exchange", Methods: []rpc.MethodDesc{
		tagged("Look", access.Read), tagged("Put", access.Write), tagged("Follow", access.Read), tagged("Shake"),
	}}}
}

// The same as those of our program.
var safePermissions = access.Permissions{
	"Read":  access.AccessList{In: []security.BlessingPattern{"alice"}, NotIn: []string{"alice:thief"}},
	"Write": access.AccessList{In: []security.BlessingPattern{"alice:owner"}},
}

// permitted tells which methods may be called, as our program does.
func permitted(t *testing.T, ctx *context.T, name string) string {
	t.Helper()
	may := ""
	note := func(letter string, err error) {
		if err == nil {
			may += letter
		} else if verror.ErrorID(err) != verror.ErrNoAccess.ID {
			t.Errorf("%s: %v", letter, err)
		}
	}
	call := func(method string, args, results []interface{}) error {
		return v23.GetClient(ctx).Call(ctx, name, method, args, results, options.NoRetry{})
	}
	note("L", call("Look", nil, []interface{}{new(string)}))
	note("P", call("Put", []interface{}{"gold"}, nil))
	follow, err := v23.GetClient(ctx).StartCall(ctx, name, "Follow", []interface{}{int32(3)})
	if err == nil {
		values := 0
		for err == nil {
			var value string
			if err = follow.Recv(&value); err == nil && value == "gold" {
				values++
			}
		}
		if err == io.EOF && values != 3 {
			t.Errorf("%d values", values)
		}
		err = follow.Finish()
	}
	note("F", err)
	note("S", call("Shake", nil, nil))
	if may == "" {
		return "ok none"
	}
	return "ok " + may
}

// TestPermissions has for each caller and each side a server whose methods carry tags.
func TestPermissions(t *testing.T) {
	f := newFamily(t, "ed25519")
	callers := []struct{ name, want string }{{"client", "ok LF"}, {"owner", "ok LPF"}, {"thief", "ok none"}}
	folders := map[string]string{"client": f.client}
	for _, name := range []string{"owner", "thief"} {
		folders[name] = filepath.Join(t.TempDir(), name)
		tools[1].run(t, f.server, "fork", "--with-passphrase=false", "--require-caveats=false", folders[name], name)
	}
	t.Run("our client calls Go", func(t *testing.T) {
		name, _ := goServerOf(t, &safe{"gold"}, f.server, access.TypicalTagTypePermissionsAuthorizer(safePermissions), "tcp")
		for _, caller := range callers {
			t.Run(caller.name, func(t *testing.T) {
				if got := start(t, callsVariable, folders[caller.name]).ask(t, "permitted", name); got != caller.want {
					t.Errorf("%s, want %s", got, caller.want)
				}
			})
		}
	})
	t.Run("Go calls our server", func(t *testing.T) {
		name := start(t, callsVariable, f.server).named(t, "safe", "tcp")
		for _, caller := range callers {
			t.Run(caller.name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(goContext(t, folders[caller.name]), 30*time.Second)
				defer cancel()
				if got := permitted(t, ctx, name); got != caller.want {
					t.Errorf("%s, want %s", got, caller.want)
				}
			})
		}
	})
}
