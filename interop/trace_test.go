package interop

import (
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/vtrace"
)

// TestTraces makes a call in a trace that its client collects, and wants to find the server's span in the client's
// store, below that of the call.
func TestTraces(t *testing.T) {
	f := newFamily(t, "ed25519")
	t.Run("our client calls Go", func(t *testing.T) {
		name, _ := goServer(t, f.server, nil, "tcp")
		if got := start(t, callsVariable, f.client).ask(t, "traced", name); got != "ok 1" {
			t.Errorf("%s, want one span of the server's", got)
		}
	})
	t.Run("Go calls our server", func(t *testing.T) {
		name := start(t, callsVariable, f.server).serve(t, "default", "tcp")
		ctx, cancel := context.WithTimeout(goContext(t, f.client), 30*time.Second)
		defer cancel()
		ctx, top := vtrace.WithNewTrace(ctx, "interop", nil)
		vtrace.ForceCollect(ctx, 0)
		var data []byte
		if err := v23.GetClient(ctx).Call(ctx, name, "Echo", []interface{}{[]byte{1}}, []interface{}{&data}); err != nil {
			t.Fatal(err)
		}
		spans := vtrace.GetStore(ctx).TraceRecord(top.Trace()).Spans
		served := 0
		for _, call := range spans {
			if call.Name != `<rpc.Client>"`+name+`".Echo` {
				continue
			}
			for _, span := range spans {
				if span.Parent == call.Id && span.Name == ".Echo" && !span.End.IsZero() {
					served++
				}
			}
		}
		if served != 1 {
			t.Errorf("%d spans of the server's, want one, in %v", served, spans)
		}
	})
}
