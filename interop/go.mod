module interop

go 1.20

require v.io v0.2.0

require (
	golang.org/x/text v0.7.0 // indirect
	v.io/x/lib v0.1.14 // indirect
)
