package interop

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"v.io/v23/context"
	"v.io/v23/flow/message"
	"v.io/v23/naming"
	"v.io/v23/rpc/version"
	"v.io/v23/security"
)

// Endpoints are read and printed alike.
func TestEndpoints(t *testing.T) {
	for i, text := range []string{
		"@6@@@@00000000000000000000000000000000@m@@@",
		"@6@tcp@127.0.0.1:8101@@00000000000000000000000000000000@s@@@",
		"@6@tcp@[::1]:8101@@0123456789abcdef0123456789abcdef@m@a,b:c@@",
		"@6@wsh@h:1@r1,r2@0123456789abcdef0123456789abcdef@l@dev:x@@",
		"@6@tcp@a%40b%25:1@x%2Cy,z%25@00000000000000000000000000000000@@a@b@@",
		"@6@bidi@@@00000000000000000000000000000001@s@@@",
		"127.0.0.1:80",
		"(dev:alice)@host:1",
		"(a,b)@h:1",
		"host:1#",
		":0",
		"h",
		"",
		"@",
		"@@",
		"@5@tcp@h:1@@00000000000000000000000000000000@s@@@",
		"@6@tcp@h:1@@0000@s@@@",
		"@6@tcp@h:1@@00000000000000000000000000000000@x@@@",
		"@6@tcp@h:1@@00000000000000000000000000000000@s@a",
		"@6@tcp@h%4:1@@00000000000000000000000000000000@s@@@",
	} {
		t.Run(fmt.Sprintf("%02d", i), func(t *testing.T) {
			got := ask(t, "endpoint", text)
			want, err := naming.ParseEndpoint(text)
			switch {
			case err != nil && !strings.HasPrefix(got, "error: "):
				t.Errorf("%q: Go refuses it (%v), we read %s", text, err, got)
			case err == nil && got != want.String():
				t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
			}
		})
	}
}

func messages(t *testing.T) []message.Message {
	ep := func(text string) naming.Endpoint {
		ep, err := naming.ParseEndpoint(text)
		if err != nil {
			t.Fatal(err)
		}
		return ep
	}
	local := ep("@6@tcp@127.0.0.1:8101@@0123456789abcdef0123456789abcdef@s@dev:a@@")
	binding := security.Signature{Purpose: []byte("S1"), Hash: "SHA256"}
	ecdsa, ed, rsa := binding, binding, binding
	ecdsa.R, ecdsa.S = []byte{1, 2, 3}, []byte{4}
	ed.Ed25519 = []byte(strings.Repeat("e", 64))
	rsa.Rsa = []byte(strings.Repeat("r", 256))
	return []message.Message{
		message.Setup{Versions: version.RPCVersionRange{Min: 14, Max: 14}, Mtu: 65536, SharedTokens: 1 << 20},
		message.Setup{Versions: version.RPCVersionRange{Min: 10, Max: 14}, PeerNaClPublicKey: [32]byte{1, 2, 3}, PeerRemoteEndpoint: local, PeerLocalEndpoint: local, Mtu: 1 << 16, SharedTokens: 1 << 20},
		message.TearDown{Message: ""},
		message.TearDown{Message: "good-bye ☺"},
		message.EnterLameDuck{},
		message.AckLameDuck{},
		message.Auth{BlessingsKey: 1, ChannelBinding: ecdsa},
		message.Auth{BlessingsKey: 2, DischargeKey: 300, ChannelBinding: ed},
		message.Auth{BlessingsKey: 1 << 40, DischargeKey: 3, ChannelBinding: rsa},
		message.OpenFlow{ID: 10, InitialCounters: 1 << 20, BlessingsKey: 2, DischargeKey: 3, Payload: []byte("d\x81")},
		message.OpenFlow{ID: 127, InitialCounters: 128, BlessingsKey: 255, DischargeKey: 256, Flags: message.CloseFlag | message.SideChannelFlag},
		message.OpenFlow{ID: 1 << 62, BlessingsKey: 1, Flags: message.DisableEncryptionFlag},
		message.Release{Counters: []message.Counter{{FlowID: 10, Tokens: 5}, {FlowID: 12, Tokens: 1 << 33}}},
		message.Release{},
		message.Data{ID: 10, Payload: []byte{0, 1, 2, 255}},
		message.Data{ID: 11, Flags: message.CloseFlag},
		message.Data{ID: 11, Flags: message.DisableEncryptionFlag},
		message.MultiProxyRequest{},
		message.ProxyServerRequest{},
		message.ProxyResponse{Endpoints: []naming.Endpoint{local, ep("@6@tcp@h:1@@00000000000000000000000000000000@m@@@")}},
		message.ProxyErrorResponse{Error: "no proxy"},
		message.HealthCheckRequest{},
		message.HealthCheckResponse{},
	}
}

// We read what Go writes, and write the same bytes.
func TestMessages(t *testing.T) {
	ctx, cancel := context.RootContext()
	defer cancel()
	for i, sent := range messages(t) {
		t.Run(fmt.Sprintf("%02d %T", i, sent), func(t *testing.T) {
			bytes, err := sent.Append(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			again := askBytes(t, "message", hex.EncodeToString(bytes))
			if string(again) != string(bytes) {
				t.Errorf("got  %x\nwant %x", again, bytes)
			}
			first, err := message.Read(ctx, bytes)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := message.Read(ctx, again); err != nil || !reflect.DeepEqual(back, first) {
				t.Errorf("got  %v, %v\nwant %v", back, err, first)
			}
		})
	}
}

// readable tells why Go cannot read the message. On some cut ones it panics.
func readable(ctx *context.T, bytes []byte) (err error) {
	defer func() {
		if why := recover(); why != nil {
			err = fmt.Errorf("panic: %v", why)
		}
	}()
	_, err = message.Read(ctx, bytes)
	return err
}

// What Go refuses to read, cut anywhere, we refuse too.
func TestCutMessages(t *testing.T) {
	ctx, cancel := context.RootContext()
	defer cancel()
	for i, sent := range messages(t) {
		bytes, err := sent.Append(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("%02d %T", i, sent), func(t *testing.T) {
			for size := 1; size < len(bytes); size++ {
				err := readable(ctx, bytes[:size])
				answer := ask(t, "message", hex.EncodeToString(bytes[:size]))
				if err != nil && !strings.HasPrefix(answer, "error: ") {
					t.Errorf("%x: Go says %v, we read %s", bytes[:size], err, answer)
				}
			}
		})
	}
}
