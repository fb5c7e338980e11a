module interop

go 1.20

require v.io v0.2.0

require (
	github.com/google/uuid v1.3.0 // indirect
	github.com/gorilla/websocket v1.5.0 // indirect
	github.com/vanadium/go-mdns-sd v0.0.0-20230219002252-724533cf06f5 // indirect
	github.com/youmark/pkcs8 v0.0.0-20201027041543-1326539a0a0a // indirect
	golang.org/x/crypto v0.6.0 // indirect
	golang.org/x/mod v0.8.0 // indirect
	golang.org/x/net v0.7.0 // indirect
	golang.org/x/sys v0.5.0 // indirect
	golang.org/x/term v0.5.0 // indirect
	golang.org/x/text v0.7.0 // indirect
	v.io/x/lib v0.1.14 // indirect
	v.io/x/ref/internal/logger v0.1.1 // indirect
	v.io/x/ref/lib/flags/sitedefaults v0.1.1 // indirect
)
