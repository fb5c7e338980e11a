package interop

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"v.io/v23/context"
	"v.io/v23/naming"
	"v.io/v23/rpc"
	"v.io/v23/security"
	"v.io/v23/security/access"
	"v.io/v23/uniqueid"
	"v.io/v23/vdl"
	"v.io/v23/vdlroot/signature"
	vtime "v.io/v23/vdlroot/time"
	"v.io/v23/verror"
	"v.io/v23/vom"
	"v.io/v23/vtrace"
)

func id(first byte) (id uniqueid.Id) {
	for i := range id {
		id[i] = first + byte(i)
	}
	return
}

// One value of each type that our .vdl files and Go's share, with something in every field.
func wireValues() map[string]interface{} {
	now := time.Date(2021, 3, 4, 5, 6, 7, 8, time.UTC)
	sig := security.Signature{Purpose: []byte("B1"), Hash: "SHA256", R: []byte{1, 2}, S: []byte{3}, Ed25519: []byte{4}, Rsa: []byte{5}}
	caveats := []security.Caveat{{Id: id(9), ParamVom: []byte{0x81, 0x06, 0x03, 0x61}}}
	certificate := security.Certificate{Extension: "alice", PublicKey: []byte{7, 8}, Caveats: caveats, X509Raw: []byte{1}, Signature: sig}
	entry := naming.MountEntry{
		Name:    "a/b",
		Servers: []naming.MountedServer{{Server: "/h:1", Deadline: vtime.Deadline{}}},
		IsLeaf:  true, ServesMountTable: true,
	}
	failed := naming.GlobError{Name: "x", Error: verror.ErrNoExist.Errorf(nil, "no such thing")}
	flags := vtrace.CollectInMemory
	record := vtrace.TraceRecord{Id: id(1), Spans: []vtrace.SpanRecord{{
		Id: id(2), Parent: id(3), Name: "span", Start: now, End: now.Add(time.Second),
		Annotations:     []vtrace.Annotation{{When: now, Message: "here"}},
		RequestMetadata: []byte{1, 2, 3},
	}}}
	request := vtrace.Request{SpanId: id(4), TraceId: id(5), RequestMetadata: []byte{6}, Flags: flags, LogLevel: 3}
	arg := signature.Arg{Name: "a", Doc: "// A", Type: vdl.TypeOf(map[string][]int32{})}
	return map[string]interface{}{
		"rpc.Request":  rpc.Request{Suffix: "s", Method: "M", NumPosArgs: 2, EndStreamArgs: true, TraceRequest: request, Language: "en"},
		"rpc.Response": rpc.Response{Error: verror.ErrNoAccess.Errorf(nil, "not you"), EndStreamResults: true, NumPosResults: 3, TraceResponse: vtrace.Response{Flags: flags, Trace: record}, AckBlessings: true},

		"naming.MountEntry":        entry,
		"naming.GlobReply":         naming.GlobReply(naming.GlobReplyEntry{Value: entry}),
		"naming.GlobChildrenReply": naming.GlobChildrenReply(naming.GlobChildrenReplyError{Value: failed}),

		"security.DischargeImpetus": security.DischargeImpetus{Server: []security.BlessingPattern{"a:b", "..."}, Method: "M", Arguments: []*vom.RawBytes{vom.RawBytesOf("x"), vom.RawBytesOf(int32(3))}},
		"security.CaveatDescriptor": security.ExpiryCaveat,
		"security.RejectedBlessing": security.RejectedBlessing{Blessing: "b", Err: verror.ErrNotTrusted.Errorf(nil, "no")},
		"security.WireBlessings":    security.WireBlessings{CertificateChains: [][]security.Certificate{{certificate, certificate}, {certificate}}},
		"security.WireDischarge":    security.WireDischarge(security.WireDischargePublicKey{Value: security.PublicKeyDischarge{ThirdPartyCaveatId: "c", Caveats: caveats, Signature: sig}}),

		"access.Permissions": access.Permissions{"Read": access.AccessList{In: []security.BlessingPattern{"a"}, NotIn: []string{"a:b"}}},
		"vtrace.TraceRecord": record,
		"vtrace.Request":     request,
		"signature.Interface": signature.Interface{
			Name: "I", PkgPath: "p/q", Doc: "// I", Embeds: []signature.Embed{{Name: "E", PkgPath: "r", Doc: "// E"}},
			Methods: []signature.Method{{Name: "M", Doc: "// M", InArgs: []signature.Arg{arg}, OutArgs: []signature.Arg{arg}, InStream: &arg, Tags: []*vdl.Value{vdl.ValueOf(access.Read)}}},
		},
	}
}

// The type that vdlc makes of our .vdl files is the one that Go knows.
func TestWireTypes(t *testing.T) {
	for name, value := range wireValues() {
		want := vdl.TypeOf(value)
		t.Run(name, func(t *testing.T) {
			if got := ask(t, "wire-type", name); got != want.Unique() {
				t.Errorf("got  %s\nwant %s", got, want.Unique())
			}
		})
	}
}

// The generated C++ reads what Go wrote, and Go reads the same from what C++ wrote.
func TestWireValues(t *testing.T) {
	for name, value := range wireValues() {
		t.Run(name, func(t *testing.T) {
			sent := encode(t, value)
			bytes, err := hex.DecodeString(sent)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, decode(t, askBytes(t, "wire", name, sent)), decode(t, bytes))
		})
	}
}

// An error keeps its id, its action, its text and its parameters on the way through us.
func TestErrors(t *testing.T) {
	ctx, cancel := context.RootContext()
	defer cancel()
	for name, failed := range map[string]error{
		"NoExist":    verror.ErrNoExist.Errorf(ctx, "there is no %v", "spoon"),
		"NoServers":  verror.ErrNoServers.Errorf(nil, "none of %v", 3),
		"Unknown":    verror.ErrUnknown.Errorf(nil, "what"),
		"parameters": security.ErrorfUnrecognizedRoot(ctx, "key %v: %v", "k", verror.ErrBadArg.Errorf(nil, "inner")),
		"foreign":    errors.New("without an id"),
		"none":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			var wire *vdl.WireError
			if failed == nil {
				// Go does not convert this one.
			} else if err := verror.WireFromNative(&wire, failed); err != nil {
				t.Fatal(err)
			}
			sent := encode(t, vdl.ZeroValue(vdl.ErrorType))
			want := "none"
			if wire != nil {
				sent = encode(t, wire)
				want = fmt.Sprintf("%s %d %s", wire.Id, int(wire.RetryCode), wire.Msg)
			}
			parts := strings.SplitN(ask(t, "fail-id", sent), "|", 2)
			if parts[0] != want || len(parts) != 2 {
				t.Fatalf("got  %q\nwant %q", parts, want)
			}
			bytes, err := hex.DecodeString(parts[1])
			if err != nil {
				t.Fatal(parts[1])
			}
			var back error
			if err := vom.Decode(bytes, &back); err != nil {
				t.Fatal(err)
			}
			if verror.ErrorID(back) != verror.ErrorID(failed) || (failed != nil && back.Error() != failed.Error()) {
				t.Errorf("got  %v\nwant %v", back, failed)
			}
		})
	}
}
