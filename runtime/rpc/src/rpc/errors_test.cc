// The errors of the rpc layer and of those below it, as peers know them: docs/spec/rpc.md 9.4 and 13.
#include "rpc/errors.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "flow/errors.h"
#include "naming/errors.h"
#include "rpc/errors_2015.h"
#include "transport/errors.h"

namespace nb::rpc {
namespace {

struct Row {
  StandardError error;
  std::string id;
};

const std::string kRpc = "v.io/x/ref/runtime/internal/rpc.";

// Of today's client, of both, and of servers.
const std::vector<Row> kToday = {
    {kCloseAlreadyCalled, "errCloseAlreadyCalled"},
    {kFinishAlreadyCalled, "errFinishAlreadyCalled"},
    {kNonRootedName, "errNonRootedName"},
    {kInvalidEndpoint, "errInvalidEndpoint"},
    {kRequestEncoding, "errRequestEncoding"},
    {kArgEncoding, "errArgEncoding"},
    {kResponseDecoding, "errResponseDecoding"},
    {kResultDecoding, "errResultDecoding"},
    {kRemainingStreamResults, "errRemaingStreamResults"},  // misspelled so
    {kMismatchedResults, "errMismatchedResults"},
    {kPeerAuthorizedFailed, "errPeerAuthorizedFailed"},  // and so
    {kTypeFlowFailure, "errTypeFlowFailure"},
    {kNoCompatibleServers, "errNoComaptibleServers"},  // and so
    {kMultiplePublicKeyOptions, "errMultiplePublicKeyOptions"},
    {kBlessingGrant, "errBlessingGrant"},
    {kBlessingAdd, "errBlessingAdd"},
    {kBadNumInputArgs, "badNumInputArgs"},
    {kBadInputArg, "badInputArg"},
};
const std::vector<Row> kOf2015 = {
    {kServerAuthorizedFailed, "errServerAuthorizedFailed"},
    {kNoBlessingsFromServer, "errNoBlessingsFromServer"},
    {kAuthNoServerBlessingsMatch, "errAuthNoServerBlessingsMatch"},
    {kAuthServerNotAllowed, "errAuthServerNotAllowed"},
    {kAuthServerKeyNotAllowed, "errAuthServerKeyNotAllowed"},
    {kNoPrincipal, "errNoPrincipal"},
    {kNoBlessingsForPeer, "errNoBlessingsForPeer"},
    {kPrepareBlessingsAndDischarges, "prepareBlessingsAndDischarges"},  // without err
    {kDischargeImpetus, "errDischargeImpetus"},
    {kBlessingsKey, "blessingsKey"},
    {kInvalidClientBlessings, "invalidClientBlessings"},
};
const std::vector<Row> kNeverRaised = {
    {kIncompatibleEndpoint, "errIncompatibleEndpoint"},
    {kDischargeEncoding, "errDischargeEncoding"},
    {kBlessingEncoding, "errBlessingEncoding"},
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.id);
    CHECK(row.error.id == kRpc + row.id);
    CHECK(row.error.action == NoRetry);
    // They are nested in other errors, whose text begins with component and operation.
    CHECK_FALSE(row.error.text.empty());
    CHECK(row.error.text.find('{') == std::string_view::npos);
    CHECK(row.error.matches(row.error()));
    CHECK(row.error("why").message() == std::string(row.error.text) + ": why");
  }
}

}  // namespace

TEST_CASE("[0-1] the errors of the client have the ids that peers know, odd spellings included, and advise no retry") {
  check(kToday);
  check(kOf2015);
  std::set<std::string_view> ids;
  for (const auto* rows : {&kToday, &kOf2015, &kNeverRaised}) {
    for (const Row& row : *rows) CHECK_MESSAGE(ids.insert(row.error.id).second, row.id);
  }
  CHECK(ids.size() == 32);
}

TEST_CASE("[0-2] errors that nobody raises keep their ids") { check(kNeverRaised); }

TEST_CASE("the errors of other packages that reach the caller of the rpc layer have their ids") {
  const std::vector<std::pair<std::string_view, std::string_view>> rows = {
      {kNoServersToAsk.id, "v.io/x/ref/runtime/internal/naming/namespace.errNoServers"},
      {kGlobMaxRecursionReached.id, "v.io/v23/rpc/reserved.GlobMaxRecursionReached"},
      {kGlobMatchesOmitted.id, "v.io/v23/rpc/reserved.GlobMatchesOmitted"},
      {kGlobNotImplemented.id, "v.io/v23/rpc/reserved.GlobNotImplemented"},
      {transport::kNetworkId, "v.io/v23/flow.Network"},
      {transport::kDialFailedId, "v.io/v23/flow.DialFailed"},
      {transport::kResolveFailedId, "v.io/v23/flow.ResolveFailed"},
      {transport::kBadArgId, "v.io/v23/flow.BadArg"},
      {transport::kBadStateId, "v.io/v23/flow.BadState"},
      {flow::kNetwork.id, "v.io/v23/flow.Network"},
      {flow::kBadState.id, "v.io/v23/flow.BadState"},
      {flow::kAborted.id, "v.io/v23/flow.Aborted"},
      {naming::kResolutionDepthExceeded.id, "v.io/v23/naming.resolutionDepthExceeded"},
      {naming::kNoMountTable.id, "v.io/v23/naming.noMounttable"},
  };
  for (const auto& [id, expected] : rows) CHECK(id == expected);
}

TEST_CASE("the standard errors have the actions that peers know") {
  for (const StandardError* each : {&verror::NoServers, &verror::NoAccess, &verror::NotTrusted}) {
    CHECK_MESSAGE(each->action == RetryRefetch, each->id);
  }
  for (const StandardError* each :
       {&verror::Unknown, &verror::Internal, &verror::NotImplemented, &verror::EndOfFile, &verror::BadArg,
        &verror::BadState, &verror::BadVersion, &verror::Exist, &verror::NoExist, &verror::UnknownMethod,
        &verror::UnknownSuffix, &verror::NoExistOrNoAccess, &verror::Aborted, &verror::BadProtocol, &verror::Canceled,
        &verror::Timeout}) {
    CHECK_MESSAGE(each->action == NoRetry, each->id);
  }
}

TEST_CASE("an error around another one shows its text and keeps it, also with a name for the place") {
  const Error inner = verror::BadState("broken");
  const Error wrapped = wrap(verror::NotTrusted, inner);
  CHECK(wrapped.message() == "client does not trust server: invalid state: broken");
  REQUIRE(wrapped.sub_errors().size() == 1);
  CHECK(wrapped.sub_errors()[0].error == inner);
  const Error printed = with_printed_cause(verror::Timeout(), "remote=x", inner);
  CHECK(printed.message() == "timeout [remote=x: invalid state: broken]");
  REQUIRE(printed.sub_errors().size() == 1);
  CHECK(printed.sub_errors()[0].name == "remote=x");
}

}  // namespace nb::rpc
