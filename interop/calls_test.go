package interop

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/options"
	"v.io/v23/rpc"
	"v.io/v23/security"
	"v.io/v23/verror"
)

// The shapes of calls in the matrix, by the words of our program's commands.
var shapes = []struct{ name, command string }{
	{"unary", "mix"},
	{"server stream", "count"},
	{"client stream", "sum"},
	{"both streams", "chat"},
}

var protocols = []string{"tcp", "ws", "wsh"}

// TestMatrix has a case for each cell: who calls, with which key, over what, in which shape. Both ends go by the default
// rules, and read their credentials from folders. A server for each protocol: both implementations would take a
// connection that they have to a server, whatever it runs over.
func TestMatrix(t *testing.T) {
	forEachCell := func(t *testing.T, callers func(t *testing.T, f family, protocol string) func(t *testing.T, command string)) {
		for _, keyType := range connectionKeys {
			t.Run(keyType, func(t *testing.T) {
				f := newFamily(t, keyType)
				for _, protocol := range protocols {
					t.Run(protocol, func(t *testing.T) {
						call := callers(t, f, protocol)
						for _, shape := range shapes {
							t.Run(shape.name, func(t *testing.T) { call(t, shape.command) })
						}
					})
				}
			})
		}
	}
	t.Run("our client calls Go", func(t *testing.T) {
		forEachCell(t, func(t *testing.T, f family, protocol string) func(t *testing.T, command string) {
			name, _ := goServer(t, f.server, nil, protocol)
			client := start(t, callsVariable, f.client)
			return func(t *testing.T, command string) { client.wantOK(t, command, name) }
		})
	})
	t.Run("Go calls our server", func(t *testing.T) {
		forEachCell(t, func(t *testing.T, f family, protocol string) func(t *testing.T, command string) {
			name := start(t, callsVariable, f.server).serve(t, "default", protocol)
			background := goContext(t, f.client)
			return func(t *testing.T, command string) {
				ctx, cancel := context.WithTimeout(background, 30*time.Second)
				defer cancel()
				if err := goCalls[command](ctx, name); err != nil {
					t.Error(err)
				}
			}
		})
	})
}

// A port for plain connections and websockets takes both.
func TestWebsocketToHybrid(t *testing.T) {
	f := newFamily(t, "ed25519")
	websocket := func(name string) string { return strings.Replace(name, "@wsh@", "@ws@", 1) }
	t.Run("of Go", func(t *testing.T) {
		name, _ := goServer(t, f.server, nil, "wsh")
		start(t, callsVariable, f.client).wantOK(t, "chat", websocket(name))
	})
	t.Run("of ours", func(t *testing.T) {
		name := start(t, callsVariable, f.server).serve(t, "default", "wsh")
		if err := goCalls["chat"](goContext(t, f.client), websocket(name)); err != nil {
			t.Error(err)
		}
	})
}

// TestCallsToGo is what our client meets at a Go server, but for good calls.
func TestCallsToGo(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	name, _ := goServer(t, f.server, nil, "tcp")
	client := start(t, callsVariable, f.client)
	t.Run("bytes come back", func(t *testing.T) { client.wantOK(t, "echo", name, "300000") })
	t.Run("a declared error, with its parameters", func(t *testing.T) {
		client.wantError(t, "exchange.Refused", "refuse", name)
	})
	t.Run("a method that is not there", func(t *testing.T) {
		client.wantError(t, "v.io/v23/verror.UnknownMethod", "missing", name)
	})
	t.Run("arguments of another number", func(t *testing.T) {
		client.wantError(t, "v.io/v23/verror.BadProtocol", "misfit", name)
	})
	t.Run("cancellation", func(t *testing.T) {
		client.wantError(t, "v.io/v23/verror.Canceled", "cancel", name)
		eventually(t, func() bool { return client.ask(t, "waits", name) == "ok 1 1" })
	})
	t.Run("a deadline", func(t *testing.T) {
		client.wantError(t, "v.io/v23/verror.Timeout", "deadline", name)
		eventually(t, func() bool { return client.ask(t, "waits", name) == "ok 2 2" })
	})
	t.Run("blessings for the server to act with", func(t *testing.T) {
		if got := client.ask(t, "grant", name, "friend"); got != "ok alice:client:friend" {
			t.Error(got)
		}
		if got := client.ask(t, "grant", name, "cook", "butler"); got != "ok alice:client:butler,alice:client:cook" {
			t.Error(got)
		}
	})
	t.Run("blessings for somebody else", func(t *testing.T) {
		client.wantError(t, "v.io/v23/verror.NoAccess", "grant", name, "nobody")
	})
	t.Run("the client closes its side first", func(t *testing.T) { client.wantOK(t, "later", name) })
	t.Run("the server ends first", func(t *testing.T) { client.wantOK(t, "early", name) })
	t.Run("health checks are answered", func(t *testing.T) { client.wantOK(t, "wait", name, "1500", "400") })
	t.Run("a server that is somebody else", func(t *testing.T) {
		other := strings.Replace(name, "@alice@@", "@mallory@@", 1)
		client.wantError(t, "v.io/v23/verror.NotTrusted", "mix", other)
	})
	t.Run("a server that nobody knows", func(t *testing.T) {
		strange, _ := goServer(t, newStranger(t, "ecdsa256", "bob"), nil, "tcp")
		client.wantError(t, "v.io/v23/verror.NotTrusted", "mix", strange)
	})
	t.Run("a server that does not know the caller", func(t *testing.T) {
		stranger := newStranger(t, "ecdsa256", "carol")
		// She believes the server, which does not believe her.
		tools[1].run(t, stranger, "recognize", file(t, tools[1].run(t, f.server, "get", "default")))
		start(t, callsVariable, stranger).wantError(t, "v.io/v23/verror.NoAccess", "mix", name)
	})
	t.Run("a server that lets everybody in", func(t *testing.T) {
		stranger := newStranger(t, "ecdsa256", "dave")
		tools[1].run(t, stranger, "recognize", file(t, tools[1].run(t, f.server, "get", "default")))
		open, _ := goServer(t, f.server, security.AllowEveryone(), "tcp")
		start(t, callsVariable, stranger).wantOK(t, "mix", open)
	})
	t.Run("nobody there", func(t *testing.T) {
		gone, stop := goServer(t, f.server, nil, "tcp")
		stop()
		client.wantError(t, "v.io/v23/verror.NoServers", "mix", gone)
	})
	t.Run("a server that stops lets the call that runs end", func(t *testing.T) {
		leaving, stop := goServer(t, f.server, nil, "tcp")
		client.wantOK(t, "mix", leaving)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			second := start(t, callsVariable, f.client)
			eventually(t, func() bool { return strings.HasPrefix(second.ask(t, "waits", leaving), "ok 1 ") })
			stop()
		}()
		client.wantOK(t, "wait", leaving, "3000", "-")
		<-stopped
		client.wantError(t, "v.io/v23/verror.NoServers", "mix", leaving)
	})
	t.Run("1000 flows at once", func(t *testing.T) { client.wantOK(t, "many", name, "1000") })
	t.Run("bulk from Go", func(t *testing.T) { client.wantOK(t, "download", name, bulkSize()) })
	t.Run("bulk to Go", func(t *testing.T) { client.wantOK(t, "upload", name, bulkSize()) })
}

// TestCallsFromGo is what a Go client meets at our server, but for good calls.
func TestCallsFromGo(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	server := start(t, callsVariable, f.server)
	name := server.serve(t, "default", "tcp")
	background := goContext(t, f.client)
	call := func(ctx *context.T, name, method string, args, results []interface{}, opts ...rpc.CallOpt) error {
		return v23.GetClient(ctx).Call(ctx, name, method, args, results, append(opts, options.NoRetry{})...)
	}
	within := func(t *testing.T, timeout time.Duration) *context.T {
		ctx, cancel := context.WithTimeout(background, timeout)
		t.Cleanup(cancel)
		return ctx
	}
	wantID := func(t *testing.T, err error, id verror.ID) {
		t.Helper()
		if err == nil || verror.ErrorID(err) != id {
			t.Errorf("%s, want %s: %v", verror.ErrorID(err), id, err)
		}
	}
	waits := func(t *testing.T, name string) (begun, cancelled int32) {
		t.Helper()
		if err := call(within(t, 30*time.Second), name, "Waits", nil, []interface{}{&begun, &cancelled}); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Run("bytes come back", func(t *testing.T) {
		sent := bytes.Repeat([]byte("abc"), 100000)
		var got []byte
		if err := call(within(t, 30*time.Second), name, "Echo", []interface{}{sent}, []interface{}{&got}); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%v", err)
		}
	})
	t.Run("a declared error, with its parameters", func(t *testing.T) {
		err := call(within(t, 30*time.Second), name, "Refuse", []interface{}{"the moon", int32(17)}, nil)
		wantID(t, err, "exchange.Refused")
		// The first two are Go's own: component and operation.
		if params := verror.Params(err); len(params) != 4 || params[2] != "the moon" || params[3] != int32(17) {
			t.Errorf("parameters: %#v", params)
		}
	})
	t.Run("a method that is not there", func(t *testing.T) {
		wantID(t, call(within(t, 30*time.Second), name, "Missing", nil, nil), verror.ErrUnknownMethod.ID)
	})
	t.Run("an object that is not there", func(t *testing.T) {
		wantID(t, call(within(t, 30*time.Second), name+"/below", "Waits", nil, []interface{}{new(int32), new(int32)}), verror.ErrUnknownSuffix.ID)
	})
	t.Run("arguments of another number", func(t *testing.T) {
		// Go clients make BadProtocol of the id, if they were built so that they know their own ids with the path of the
		// package; others pass it on.
		if err := call(within(t, 30*time.Second), name, "Echo", nil, []interface{}{new([]byte)}); verror.ErrorID(err) != verror.ErrBadProtocol.ID {
			wantID(t, err, "v.io/x/ref/runtime/internal/rpc.badNumInputArgs")
		}
	})
	t.Run("cancellation", func(t *testing.T) {
		ctx, cancel := context.WithCancel(within(t, 30*time.Second))
		go func() {
			eventually(t, func() bool { begun, _ := waits(t, name); return begun == 1 })
			cancel()
		}()
		wantID(t, call(ctx, name, "Wait", []interface{}{int32(20000)}, nil), verror.ErrCanceled.ID)
		eventually(t, func() bool { _, cancelled := waits(t, name); return cancelled == 1 })
	})
	t.Run("a deadline", func(t *testing.T) {
		wantID(t, call(within(t, 300*time.Millisecond), name, "Wait", []interface{}{int32(20000)}, nil), verror.ErrTimeout.ID)
		eventually(t, func() bool { _, cancelled := waits(t, name); return cancelled == 2 })
	})
	t.Run("blessings for the server to act with", func(t *testing.T) {
		var got string
		if err := call(within(t, 30*time.Second), name, "Granted", nil, []interface{}{&got}, giving{extension: "friend"}); err != nil || got != "alice:client:friend" {
			t.Errorf("%s: %v", got, err)
		}
		two := []rpc.CallOpt{giving{extension: "cook"}, giving{extension: "butler"}}
		if err := call(within(t, 30*time.Second), name, "Granted", nil, []interface{}{&got}, two...); err != nil || got != "alice:client:butler,alice:client:cook" {
			t.Errorf("%s: %v", got, err)
		}
	})
	t.Run("blessings for somebody else", func(t *testing.T) {
		err := call(within(t, 30*time.Second), name, "Granted", nil, []interface{}{new(string)}, giving{extension: "nobody"})
		wantID(t, err, verror.ErrNoAccess.ID)
	})
	t.Run("the client closes its side first", func(t *testing.T) {
		if err := halfClosed(within(t, 30*time.Second), name); err != nil {
			t.Error(err)
		}
	})
	t.Run("the server ends first", func(t *testing.T) {
		if err := endedEarly(within(t, 30*time.Second), name); err != nil {
			t.Error(err)
		}
	})
	t.Run("health checks are answered", func(t *testing.T) {
		if err := call(within(t, 30*time.Second), name, "Wait", []interface{}{int32(1500)}, nil, options.ChannelTimeout(400*time.Millisecond)); err != nil {
			t.Error(err)
		}
	})
	t.Run("a server that is somebody else", func(t *testing.T) {
		other := strings.Replace(name, "@alice@@", "@mallory@@", 1)
		// Somebody without a connection to it, for which there would be another error.
		ctx, cancel := context.WithTimeout(goContext(t, f.client), 30*time.Second)
		defer cancel()
		wantID(t, call(ctx, other, "Waits", nil, []interface{}{new(int32), new(int32)}), verror.ErrNotTrusted.ID)
	})
	t.Run("a server that nobody knows", func(t *testing.T) {
		strange := start(t, callsVariable, newStranger(t, "ecdsa256", "bob")).serve(t, "default", "tcp")
		wantID(t, call(within(t, 30*time.Second), strange, "Waits", nil, []interface{}{new(int32), new(int32)}), verror.ErrNotTrusted.ID)
	})
	t.Run("a server that does not know the caller", func(t *testing.T) {
		stranger := newStranger(t, "ecdsa256", "carol")
		tools[1].run(t, stranger, "recognize", file(t, tools[1].run(t, f.server, "get", "default")))
		ctx, cancel := context.WithTimeout(goContext(t, stranger), 30*time.Second)
		defer cancel()
		wantID(t, call(ctx, name, "Waits", nil, []interface{}{new(int32), new(int32)}), verror.ErrNoAccess.ID)
	})
	t.Run("a server that lets everybody in", func(t *testing.T) {
		stranger := newStranger(t, "ecdsa256", "dave")
		tools[1].run(t, stranger, "recognize", file(t, tools[1].run(t, f.server, "get", "default")))
		open := start(t, callsVariable, f.server).serve(t, "everyone", "tcp")
		ctx, cancel := context.WithTimeout(goContext(t, stranger), 30*time.Second)
		defer cancel()
		if err := goCalls["mix"](ctx, open); err != nil {
			t.Error(err)
		}
	})
	t.Run("a server that stops lets the call that runs end", func(t *testing.T) {
		leaving := start(t, callsVariable, f.server)
		name := leaving.serve(t, "default", "tcp")
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			eventually(t, func() bool { begun, _ := waits(t, name); return begun == 1 })
			leaving.wantOK(t, "stop")
		}()
		if err := call(within(t, 30*time.Second), name, "Wait", []interface{}{int32(2000)}, nil); err != nil {
			t.Error(err)
		}
		<-stopped
		wantID(t, call(within(t, 30*time.Second), name, "Waits", nil, []interface{}{new(int32), new(int32)}), verror.ErrNoServers.ID)
	})
	t.Run("1000 flows at once", func(t *testing.T) {
		ctx := within(t, 2*time.Minute)
		calls := make([]rpc.ClientCall, 1000)
		for i := range calls {
			var err error
			if calls[i], err = v23.GetClient(ctx).StartCall(ctx, name, "Chat", nil); err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		for _, one := range calls {
			all.Add(1)
			go func(one rpc.ClientCall) {
				defer all.Done()
				if err := chat(one, 4); err != nil {
					t.Error(err)
				}
			}(one)
		}
		all.Wait()
	})
	size, _ := strconv.ParseInt(bulkSize(), 10, 64)
	t.Run("bulk to Go", func(t *testing.T) {
		ctx := within(t, 10*time.Minute)
		one, err := v23.GetClient(ctx).StartCall(ctx, name, "Download", []interface{}{size})
		if err != nil {
			t.Fatal(err)
		}
		b := newBulk()
		for {
			var chunk []byte
			if err := one.Recv(&chunk); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			b.add(chunk)
		}
		var sum uint64
		if err := one.Finish(&sum); err != nil || sum != b.sum || b.size != size {
			t.Errorf("%d bytes, checksum %x and %x: %v", b.size, sum, b.sum, err)
		}
	})
	t.Run("bulk from Go", func(t *testing.T) {
		ctx := within(t, 10*time.Minute)
		one, err := v23.GetClient(ctx).StartCall(ctx, name, "Upload", nil)
		if err != nil {
			t.Fatal(err)
		}
		b := newBulk()
		chunk := make([]byte, chunkSize)
		for b.size < size {
			b.next(chunk)
			b.add(chunk)
			if err := one.Send(chunk); err != nil {
				t.Fatal(err)
			}
		}
		var got int64
		var sum uint64
		if err := one.Finish(&got, &sum); err != nil || sum != b.sum || got != size {
			t.Errorf("%d bytes, checksum %x and %x: %v", got, sum, b.sum, err)
		}
	})
}

// bulkSize is how much long transfers carry: 64 MB, or what NIOBIUM_INTEROP_BULK says, in bytes.
func bulkSize() string {
	if size := os.Getenv("NIOBIUM_INTEROP_BULK"); size != "" {
		return size
	}
	return fmt.Sprint(64 << 20)
}

// eventually waits, half a minute at most, until it is so.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Error("it does not become so")
}
