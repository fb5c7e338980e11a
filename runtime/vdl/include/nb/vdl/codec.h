// Everything that generated value code needs: the built-in codecs, the containers, and the native types.
#pragma once

#include <nb/vdl/any.h>
#include <nb/vdl/box.h>
#include <nb/vdl/codec_containers.h>
#include <nb/vdl/codec_fwd.h>
#include <nb/vdl/codec_native.h>
#include <nb/vdl/codec_scalars.h>
#include <nb/vdl/containers.h>
#include <nb/vdl/dynamic.h>
#include <nb/vdl/error_def.h>
#include <nb/vdl/from_string.h>
#include <nb/vdl/generated.h>
#include <nb/vdl/number.h>
#include <nb/vdl/time.h>
#include <nb/vdl/type_rows.h>
