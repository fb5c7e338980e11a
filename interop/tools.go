//go:build tools

// Package interop: the programs that tests build are named here, so that `go mod tidy` keeps what these need.
package interop

import (
	_ "v.io/x/ref/cmd/namespace"
	_ "v.io/x/ref/cmd/principal"
	_ "v.io/x/ref/cmd/vrpc"
)
