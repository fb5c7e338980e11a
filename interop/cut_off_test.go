package interop

import (
	"net"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/options"
	"v.io/v23/verror"
)

// cutOff gives the name of the same server behind a relay that, from the call of the function on, passes on nothing any
// more without closing anything.
func cutOff(t *testing.T, name string) (string, func()) {
	t.Helper()
	address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(name)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var cut int32
	relay := func(from, to net.Conn) {
		defer to.Close()
		for buffer := make([]byte, 1<<16); ; {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if atomic.LoadInt32(&cut) == 0 {
				to.Write(buffer[:n]) //nolint:errcheck
			}
		}
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", address)
			if err != nil {
				client.Close()
				continue
			}
			go relay(client, server)
			go relay(server, client)
		}
	}()
	return strings.Replace(name, address, listener.Addr().String(), 1), func() { atomic.StoreInt32(&cut, 1) }
}

// Whoever asks for frequent health checks notices that the other end is cut off, long before the call's deadline.
func TestCutOff(t *testing.T) {
	f := newFamily(t, "ed25519")
	t.Run("our client", func(t *testing.T) {
		direct, _ := goServer(t, f.server, nil, "tcp")
		name, cut := cutOff(t, direct)
		client, second := start(t, callsVariable, f.client), start(t, callsVariable, f.client)
		go func() {
			eventually(t, func() bool { return strings.HasPrefix(second.ask(t, "waits", direct), "ok 1 ") })
			cut()
		}()
		client.wantError(t, "v.io/v23/verror.BadProtocol", "wait", name, "25000", "500")
	})
	t.Run("a Go client", func(t *testing.T) {
		server := start(t, callsVariable, f.server)
		direct := server.serve(t, "default", "tcp")
		name, cut := cutOff(t, direct)
		second := start(t, callsVariable, f.client)
		go func() {
			eventually(t, func() bool { return strings.HasPrefix(second.ask(t, "waits", direct), "ok 1 ") })
			cut()
		}()
		ctx, cancel := context.WithTimeout(goContext(t, f.client), 30*time.Second)
		defer cancel()
		err := v23.GetClient(ctx).Call(ctx, name, "Wait", []interface{}{int32(25000)}, nil, options.ChannelTimeout(500*time.Millisecond), options.NoRetry{})
		if verror.ErrorID(err) != verror.ErrBadProtocol.ID {
			t.Error(err)
		}
	})
}
