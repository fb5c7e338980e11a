package interop

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/rpc"
	"v.io/v23/security"
	"v.io/x/ref/services/xproxy/xproxy"
)

// goProxy serves Go's proxy with the principal of a folder, and gives its name.
func goProxy(t *testing.T, folder string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(goContext(t, folder))
	proxy, err := xproxy.New(ctx, "", security.AllowEveryone())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		<-proxy.Closed()
	})
	return proxy.ListeningEndpoints()[0].Name()
}

// ourProxy runs `nb proxy`, behind other proxies if their names are given, until the test ends.
func ourProxy(t *testing.T, folder string, behind ...string) string {
	t.Helper()
	args := []string{"proxy", "--everyone", "--listen", "tcp@127.0.0.1:0"}
	for _, name := range behind {
		args = append(args, "--behind", name)
	}
	command := exec.Command(os.Getenv("NIOBIUM_NB"), args...)
	command.Env = append(os.Environ(), "V23_CREDENTIALS="+folder)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Signal(os.Interrupt) //nolint:errcheck
		if err := command.Wait(); err != nil {
			t.Errorf("nb proxy: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("nb proxy says nothing: %v", err)
	}
	return strings.TrimSpace(line)
}

// goServerBehind is goServer for one that listens by way of a proxy alone.
func goServerBehind(t *testing.T, folder, proxy string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(goContext(t, folder))
	ctx = v23.WithListenSpec(ctx, rpc.ListenSpec{Proxy: proxy})
	_, server, err := v23.WithNewServer(ctx, "", &exchange{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		<-server.Closed()
	})
	var name string
	eventually(t, func() bool {
		name = server.Status().Endpoints[0].Name()
		return !strings.Contains(name, "@bidi@")
	})
	return name
}

func goCaller(t *testing.T, folder, name string) func(t *testing.T, command string) {
	background := goContext(t, folder)
	return func(t *testing.T, command string) {
		ctx, cancel := context.WithTimeout(background, 30*time.Second)
		defer cancel()
		if err := goCalls[command](ctx, name); err != nil {
			t.Error(err)
		}
	}
}

func ourCaller(t *testing.T, folder, name string) func(t *testing.T, command string) {
	client := start(t, callsVariable, folder)
	return func(t *testing.T, command string) { client.wantOK(t, command, name) }
}

// TestProxies has a case for each way through a proxy: who calls whom, through whose proxy, in which shape.
func TestProxies(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	for _, way := range []struct {
		name string
		make func(t *testing.T) func(t *testing.T, command string)
	}{
		{"ours through Go to ours", func(t *testing.T) func(t *testing.T, command string) {
			proxy := goProxy(t, f.server)
			return ourCaller(t, f.client, start(t, callsVariable, f.server).named(t, "behind", proxy))
		}},
		{"ours through Go to Go", func(t *testing.T) func(t *testing.T, command string) {
			return ourCaller(t, f.client, goServerBehind(t, f.server, goProxy(t, f.server)))
		}},
		{"Go through Go to ours", func(t *testing.T) func(t *testing.T, command string) {
			proxy := goProxy(t, f.server)
			return goCaller(t, f.client, start(t, callsVariable, f.server).named(t, "behind", proxy))
		}},
		{"Go through ours to Go", func(t *testing.T) func(t *testing.T, command string) {
			return goCaller(t, f.client, goServerBehind(t, f.server, ourProxy(t, f.server)))
		}},
		{"Go through ours to ours", func(t *testing.T) func(t *testing.T, command string) {
			proxy := ourProxy(t, f.server)
			return goCaller(t, f.client, start(t, callsVariable, f.server).named(t, "behind", proxy))
		}},
		{"ours through ours to Go", func(t *testing.T) func(t *testing.T, command string) {
			return ourCaller(t, f.client, goServerBehind(t, f.server, ourProxy(t, f.server)))
		}},
		{"ours through ours to ours", func(t *testing.T) func(t *testing.T, command string) {
			proxy := ourProxy(t, f.server)
			return ourCaller(t, f.client, start(t, callsVariable, f.server).named(t, "behind", proxy))
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			call := way.make(t)
			for _, shape := range shapes {
				t.Run(shape.name, func(t *testing.T) { call(t, shape.command) })
			}
		})
	}
}

// TestTwoProxies goes through two of ours at version 14, which Go's own cannot (docs/spec/flow-protocol.md 12.5): the
// name of the outer one, with a route, is the last that the inner one gives.
//
// With a proxy of Go's in the route there is nothing to show at version 14: it takes its own route out of the Setup that
// it passes on, or wants it taken out before, and from 14 on both ends sign that Setup. At 13 they sign the keys alone.
// Go's versions are a variable of an internal package, and no option; an end of ours that speaks 13 alone would do, since
// both then agree on that, where the proxies take such connections, which `nb proxy` does not. That is not shown here.
func TestTwoProxies(t *testing.T) {
	f := newFamily(t, "ed25519")
	outer := ourProxy(t, f.server)
	inner := ourProxy(t, f.server, outer)
	server := start(t, callsVariable, f.server)
	name := server.named(t, "behind", inner)
	routed := strings.Fields(server.ask(t, "names"))
	last := routed[len(routed)-1]
	if last == name || !strings.Contains(last, "@"+strings.Split(inner, "@")[5]+"@") {
		t.Fatalf("no name with a route: %v", routed)
	}
	t.Run("ours", func(t *testing.T) { ourCaller(t, f.client, last)(t, "chat") })
	t.Run("Go", func(t *testing.T) { goCaller(t, f.client, last)(t, "chat") })
}
