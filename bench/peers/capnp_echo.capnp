@0xd2b1f9e3a5c40817;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("capnp_echo");

# The same as ../echo/echo.vdl, as far as it is measured.
interface Echo {
  bytes @0 (data :Data) -> (data :Data);
  feed @1 (count :Int64, size :Int64, sink :Sink) -> ();
}

interface Sink {
  item @0 (data :Data) -> stream;
}
