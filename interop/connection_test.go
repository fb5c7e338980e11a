package interop

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/flow"
	"v.io/v23/naming"
	"v.io/v23/security"
)

// Connections without calls on them: our protocol core on a socket against Go's flow manager.

// anyPeer accepts whoever answers, and shows the default blessings.
type anyPeer struct{}

func (anyPeer) AuthorizePeer(*context.T, naming.Endpoint, naming.Endpoint, security.Blessings, security.Discharges) ([]string, []security.RejectedBlessing, error) {
	return nil, nil, nil
}

func (anyPeer) BlessingsForPeer(ctx *context.T, _ []string) (security.Blessings, security.Discharges, error) {
	blessings, _ := v23.GetPrincipal(ctx).BlessingStore().Default()
	return blessings, nil, nil
}

const connectionVariable = "NIOBIUM_INTEROP_CONNECTION"

// forEachConnection runs a test for each version and kind of key.
func forEachConnection(t *testing.T, test func(t *testing.T, f family, version string)) {
	for _, keyType := range connectionKeys {
		t.Run(keyType, func(t *testing.T) {
			f := newFamily(t, keyType)
			for _, version := range []string{"13", "14"} {
				t.Run("version "+version, func(t *testing.T) { test(t, f, version) })
			}
		})
	}
}

// wantLine is what our program says next; Go knows nothing of our suite, which it was offered.
func wantLine(t *testing.T, p *program, want string) {
	t.Helper()
	if got := p.line(t); got != want {
		t.Fatalf("our program says %q, want %q", got, want)
	}
}

func echo(f flow.Flow) {
	for {
		message, err := f.ReadMsg()
		if err != nil {
			return
		}
		if _, err := f.WriteMsg(message); err != nil {
			return
		}
	}
}

// goEcho accepts flows until the test ends and sends back what comes on them; gives the endpoint. Who opened them is
// told.
func goEcho(t *testing.T, folder string, openers chan<- string) string {
	t.Helper()
	ctx := goContext(t, folder)
	manager, err := v23.NewFlowManager(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manager.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			accepted, err := manager.Accept(ctx)
			if err != nil {
				return
			}
			if openers != nil {
				openers <- accepted.RemoteBlessings().String()
			}
			go echo(accepted)
		}
	}()
	return manager.Status().Endpoints[0].String()
}

func TestConnectionToGo(t *testing.T) {
	forEachConnection(t, func(t *testing.T, f family, version string) {
		openers := make(chan string, 1)
		endpoint := goEcho(t, f.server, openers)
		// Several windows full, so that tokens have to go back and forth.
		dialer := start(t, connectionVariable, "dial", f.client, version, version, endpoint, fmt.Sprint(5<<20))
		wantLine(t, dialer, version+" secretbox alice")
		wantLine(t, dialer, "ok")
		if got := <-openers; got != "alice:client" {
			t.Errorf("Go sees %s", got)
		}
	})
}

func TestConnectionFromGo(t *testing.T) {
	forEachConnection(t, func(t *testing.T, f family, version string) {
		acceptor := start(t, connectionVariable, "accept", f.server, version, version)
		endpoint, err := naming.ParseEndpoint(acceptor.line(t))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(goContext(t, f.client), time.Minute)
		defer cancel()
		manager, err := v23.NewFlowManager(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		dialed, err := manager.Dial(ctx, endpoint, anyPeer{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := dialed.RemoteBlessings().String(); got != "alice" {
			t.Errorf("Go sees %s", got)
		}
		sent := bytes.Repeat([]byte("both ways, "), 500000)
		go dialed.WriteMsg(sent) //nolint:errcheck
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(dialed, got); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("the echo is another one: %v", err)
		}
		// The manager accepts flows, or shows its key alone; on the flow it is who it is.
		first := acceptor.line(t)
		if !strings.HasPrefix(first, version+" secretbox ") {
			t.Errorf("our program says %q", first)
		}
		wantLine(t, acceptor, version+" secretbox alice:client")
		if err := dialed.Close(); err != nil {
			t.Error(err)
		}
		cancel()
		<-manager.Closed()
		wantLine(t, acceptor, "ok")
	})
}

// Of the versions that both know the newest one is taken.
func TestConnectionVersions(t *testing.T) {
	f := newFamily(t, "ed25519")
	dialer := start(t, connectionVariable, "dial", f.client, "13", "14", goEcho(t, f.server, nil), "10")
	wantLine(t, dialer, "14 secretbox alice")
	wantLine(t, dialer, "ok")
}
