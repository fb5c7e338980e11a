package interop

import (
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/rpc"
	"v.io/v23/security"
	"v.io/v23/verror"
)

// Calls in which an end has a name that counts only with a discharge, which it has to fetch from a discharger before it
// shows the name. Each program is Go's or ours.

// discharger is Go's. It tells what it was asked with, if somebody listens.
type discharger struct {
	principal security.Principal
	asked     chan security.DischargeImpetus
}

func (d discharger) Discharge(ctx *context.T, call rpc.ServerCall, caveat security.Caveat, impetus security.DischargeImpetus) (security.Discharge, error) {
	select {
	case d.asked <- impetus:
	default:
	}
	if err := caveat.ThirdPartyDetails().Dischargeable(ctx, call.Security()); err != nil {
		return security.Discharge{}, err
	}
	expiry, err := security.NewExpiryCaveat(time.Now().Add(time.Minute))
	if err != nil {
		return security.Discharge{}, err
	}
	return d.principal.MintDischarge(caveat, expiry)
}

// dischargers start one with the credentials of a folder, and give its name.
var dischargers = map[string]func(t *testing.T, folder string) string{
	"Go's discharger": func(t *testing.T, folder string) string {
		ctx := goContext(t, folder)
		_, server, err := v23.WithNewServer(ctx, "", discharger{v23.GetPrincipal(ctx), nil}, security.AllowEveryone())
		if err != nil {
			t.Fatal(err)
		}
		return server.Status().Endpoints[0].Name()
	},
	"our discharger": func(t *testing.T, folder string) string {
		return start(t, callsVariable, folder).named(t, "discharge", "tcp")
	},
}

// guardedBy gives the folder of somebody whose name is one of alice's, under a caveat of the discharger's; that gives its
// discharge under a condition.
func guardedBy(t *testing.T, alice, discharger string, condition security.Caveat) string {
	t.Helper()
	return guardedWith(t, alice, discharger, security.ThirdPartyRequirements{}, condition)
}

func guardedWith(t *testing.T, alice, discharger string, requirements security.ThirdPartyRequirements, condition security.Caveat) string {
	t.Helper()
	folder := newStranger(t, "ed25519", "guarded")
	tools[1].run(t, folder, "recognize", file(t, tools[1].run(t, alice, "get", "default")))
	blesser, owner := goOpened(t, alice), goOpened(t, folder)
	caveat, err := security.NewPublicKeyCaveat(blesser.PublicKey(), discharger, requirements, condition)
	if err != nil {
		t.Fatal(err)
	}
	with, _ := blesser.BlessingStore().Default()
	blessings, err := blesser.Bless(owner.PublicKey(), with, "guarded", caveat)
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.BlessingStore().SetDefault(blessings); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.BlessingStore().Set(blessings, security.AllPrincipals); err != nil {
		t.Fatal(err)
	}
	return folder
}

// A discharger of Go's is told by our client, and ours by Go's, what the caveat asks for: the server, the method, the
// arguments.
func TestImpetus(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	all := security.ThirdPartyRequirements{ReportServer: true, ReportMethod: true, ReportArguments: true}
	t.Run("our client tells Go", func(t *testing.T) {
		ctx := goContext(t, f.server)
		asked := make(chan security.DischargeImpetus, 10)
		_, server, err := v23.WithNewServer(ctx, "", discharger{v23.GetPrincipal(ctx), asked}, security.AllowEveryone())
		if err != nil {
			t.Fatal(err)
		}
		guarded := guardedWith(t, f.server, server.Status().Endpoints[0].Name(), all, security.UnconstrainedUse())
		name, _ := goServer(t, f.server, nil, "tcp")
		start(t, callsVariable, guarded).wantOK(t, "echo", name, "3")
		got := <-asked
		if len(got.Server) != 1 || got.Server[0] != "alice" || got.Method != "Echo" || len(got.Arguments) != 1 {
			t.Fatalf("%v", got)
		}
		var data []byte
		if err := got.Arguments[0].ToValue(&data); err != nil || string(data) != "ZZZ" {
			t.Errorf("%q, %v", data, err)
		}
	})
	t.Run("Go tells ours", func(t *testing.T) {
		office := start(t, callsVariable, f.server)
		guarded := guardedWith(t, f.server, office.named(t, "office", "tcp"), all, security.UnconstrainedUse())
		name := start(t, callsVariable, f.server).serve(t, "default", "tcp")
		ctx, cancel := context.WithTimeout(goContext(t, guarded), 30*time.Second)
		defer cancel()
		var data []byte
		if err := v23.GetClient(ctx).Call(ctx, name, "Echo", []interface{}{[]byte("ZZZ")}, []interface{}{&data}); err != nil {
			t.Fatal(err)
		}
		if got := office.ask(t, "impetus"); got != "ok alice Echo ZZZ" {
			t.Error(got)
		}
	})
}

func TestDischargesInCalls(t *testing.T) {
	for kind, discharger := range dischargers {
		t.Run(kind, func(t *testing.T) {
			f := newFamily(t, "ecdsa256")
			location := discharger(t, f.server)
			guarded := guardedBy(t, f.server, location, security.UnconstrainedUse())
			refused := guardedBy(t, f.server, location, expiry(t, time.Now().Add(-time.Hour)))
			t.Run("our client needs it", func(t *testing.T) {
				name, _ := goServer(t, f.server, nil, "tcp")
				start(t, callsVariable, guarded).wantOK(t, "mix", name)
			})
			t.Run("a Go client needs it", func(t *testing.T) {
				name := start(t, callsVariable, f.server).serve(t, "default", "tcp")
				if err := goCalls["mix"](goContext(t, guarded), name); err != nil {
					t.Error(err)
				}
			})
			t.Run("our server needs it", func(t *testing.T) {
				name := start(t, callsVariable, guarded).serve(t, "everyone", "tcp")
				if err := goCalls["mix"](goContext(t, f.client), name); err != nil {
					t.Error(err)
				}
			})
			t.Run("a Go server needs it", func(t *testing.T) {
				name, _ := goServer(t, guarded, security.AllowEveryone(), "tcp")
				start(t, callsVariable, f.client).wantOK(t, "mix", name)
			})
			t.Run("our client does not get it", func(t *testing.T) {
				name, _ := goServer(t, f.server, nil, "tcp")
				start(t, callsVariable, refused).wantError(t, "v.io/v23/verror.NoAccess", "mix", name)
			})
			t.Run("a Go client does not get it", func(t *testing.T) {
				name := start(t, callsVariable, f.server).serve(t, "default", "tcp")
				if err := goCalls["mix"](goContext(t, refused), name); verror.ErrorID(err) != verror.ErrNoAccess.ID {
					t.Error(err)
				}
			})
		})
	}
}
