// Everything checking can complain about, in the order of the classes of docs/spec/vdl-language.md 3.14. Ids above the
// specification's own (NM7, ER6 …, LM10 …) are ours. `{}` in a text is an argument, `{{` a brace.
#pragma once

#include "diagnostics/diagnostics.h"

namespace vdlc::passes {

using Text = std::string_view;

// Packages and files.
inline constexpr Message<Text, Text> kBadPackageName{"PK2", "`{}` cannot be a package name: {}"};
inline constexpr Message<> kFileDocDiffers{"PK3", "file comment differs from that of the package's first file"};

// Imports.
inline constexpr Message<Text> kImportNotCompiled{"IM4", "`{}` is not the path of a package of this run"};
inline constexpr Message<Text> kImportInConfig{"IM4", "a vdl.config may import `vdltool` only, not `{}`"};
inline constexpr Message<Text> kImportNameTwice{"IM5", "import name `{}` is used twice in this file"};
inline constexpr Message<Text> kImportUnused{"IM6", "package `{}` is imported and never used"};

// Names.
inline constexpr Message<Text> kNameCharacters{
    "NM1", "`{}` cannot be declared: a name is an ASCII letter followed by ASCII letters, digits and `_`"};
inline constexpr Message<Text, Text> kNameReserved{"NM2", "`{}` is a reserved word in {}"};
inline constexpr Message<Text, Text, Text> kNameReservedLowered{"NM2",
                                                                "`{}` becomes `{}` in {}, a reserved word there"};
inline constexpr Message<Text, Text> kNameAcronym{"NM3", "`{}` has capitals in a row, camel case would be `{}`"};
inline constexpr Message<Text, Text> kNameNotExported{"NM4", "{} `{}` does not begin with a capital letter"};
inline constexpr Message<Text> kNameIsImport{"NM5", "`{}` is also the name of an import of this file"};
inline constexpr Message<Text, Text> kNameTwice{"NM6", "`{}` is already the name of {} of this package"};
inline constexpr Message<Text> kNameShadowed{"NM7", "`{}` is a built-in name, so nobody can refer to this definition"};

// Types.
inline constexpr Message<Text> kTypeUndefined{"TY1", "type `{}` is not defined"};
inline constexpr Message<Text, Text> kTypeExtra{"TY2", "`{}` follows type `{}`, but types have no parts"};
inline constexpr Message<Text> kTypeInline{"TY3",
                                           "{} type stands inside something else, it has to be defined with a name"};
inline constexpr Message<Text> kTypeIsOptional{"TY4",
                                               "type `{}` is defined as an optional, which is written at each use"};
inline constexpr Message<Text, Text> kTypeRenames{"TY5", "`{}` gives `{}` another name, which is not possible"};
inline constexpr Message<Text> kTypeRenamesError{"TY6", "`{}` gives `error` another name, which is not possible"};
inline constexpr Message<Text, Text> kTypeUnexported{"TY7", "exported type `{}` uses `{}`, which is not exported"};
inline constexpr Message<Text, Text> kUseUnexported{"TY8", "{} uses type `{}`, which is not exported"};
inline constexpr Message<Text> kArrayEmpty{"TY9", "array length `{}` is not positive"};
inline constexpr Message<Text> kUnionEmpty{"TY10", "union `{}` has no field"};
inline constexpr Message<Text, Text> kFieldTwice{"TY11", "field `{}` appears twice in {}"};
inline constexpr Message<Text, Text> kBadKey{"TY12", "`{}` cannot be a key of a {}"};
inline constexpr Message<Text> kBadOptional{"TY13", "`?{}` is not possible, only a named struct can be optional"};
inline constexpr Message<Text> kStrictCycle{"TY14",
                                            "type `{}` contains itself, so its values would be infinitely large"};
inline constexpr Message<Text> kAliasCycle{"TY15", "type `{}` is only another name for itself"};
inline constexpr Message<Text> kEnumEmpty{"TY16", "enum `{}` has no label"};
inline constexpr Message<Text> kQuotedPath{"TY17", "`{}` has a quoted path, import the package instead"};
inline constexpr Message<Text> kTypesRejected{"TY31", "types of this package are not possible: {}"};
inline constexpr Message<Text, Text> kLabelTwice{"TY30", "label `{}` appears twice in enum `{}`"};

// Errors.
inline constexpr Message<Text> kParamUnnamed{"ER1", "parameter of error `{}` has no name"};
inline constexpr Message<Text, Text> kParamTwice{"ER2", "parameter `{}` appears twice in error `{}`"};
inline constexpr Message<Text, Text> kParamName{"ER3", "`{}` cannot be a parameter: {}"};
inline constexpr Message<Text> kActionUnknown{
    "ER4", "`{}` is no action, the actions are NoRetry, RetryConnection, RetryRefetch and RetryBackoff"};
inline constexpr Message<Text, Text> kActionTwice{"ER5", "`{}` is a second action, error `{}` has one already"};
inline constexpr Message<Text, Text> kFormatParam{"ER6", "format uses `{{{}}}`, but error `{}` has no such parameter"};
inline constexpr Message<> kFormatBrace{"ER7",
                                        "brace in the format opens nothing that is closed, so it stands for itself"};
inline constexpr Message<Text> kFormatLanguageTwice{"ER8", "second format for language `{}`, only the first counts"};
inline constexpr Message<> kFormatNoLanguage{"ER9", "format has no language, so it is never chosen"};
inline constexpr Message<Text, Text> kActionLowerCase{"ER10", "action `{}` is written `{}`"};

// Constants.
inline constexpr Message<Text, Text> kUntypedNumber{"CO1", "{} has no type here, write for example `{}(…)`"};
inline constexpr Message<Text> kNameUndefined{"CO2", "`{}` is not defined"};
inline constexpr Message<Text> kNameIsType{"CO3", "`{}` is a type, but a value is needed here"};
inline constexpr Message<Text, Text> kSelectorOnNonStruct{
    "CO4", "`.{}` selects from a value of type `{}`, which is no struct"};
inline constexpr Message<Text, Text> kSelectorUnknown{"CO5", "struct `{1}` has no field `{0}`"};
inline constexpr Message<Text, Text> kLabelOfNonEnum{"CO6", "`.{}` selects from type `{}`, which is no enum"};
inline constexpr Message<Text, Text> kLabelUnknown{"CO7", "enum `{1}` has no label `{0}`"};
inline constexpr Message<Text> kConstCycle{"CO8", "constant `{}` depends on itself"};
inline constexpr Message<Text, Text> kConstUnexported{"CO9",
                                                      "exported constant `{}` has type `{}`, which is not exported"};
inline constexpr Message<> kLiteralUntyped{"CO10", "composite literal has no type"};
inline constexpr Message<Text> kLiteralOfType{"CO11", "type `{}` has no composite literals"};
inline constexpr Message<Text, Text> kIndexTwice{"CO12", "index {} is assigned twice in `{}`"};
inline constexpr Message<Text, Text> kIndexBeyondArray{"CO13", "index {} is beyond the end of `{}`"};
inline constexpr Message<Text, Text> kIndexInvalid{"CO14", "{} cannot be an index: {}"};
inline constexpr Message<Text> kSetWithValue{"CO15", "entry of set `{}` has a key and a value"};
inline constexpr Message<Text, Text> kKeyTwice{"CO16", "key {} appears twice in `{}`"};
inline constexpr Message<Text> kMapWithoutKey{"CO17", "entry of map `{}` has no key"};
inline constexpr Message<Text> kStructMixed{"CO18",
                                            "literal of struct `{}` mixes entries with and without field names"};
inline constexpr Message<Text> kFieldNotName{"CO19", "a field name of `{}` is needed here"};
inline constexpr Message<Text, Text> kFieldUnknown{"CO20", "`{1}` has no field `{0}`"};
inline constexpr Message<Text, Text> kFieldAssignedTwice{"CO21", "field `{}` of `{}` is assigned twice"};
inline constexpr Message<std::size_t, Text> kStructTooMany{"CO22", "more than {} values for struct `{}`"};
inline constexpr Message<std::size_t, std::size_t, Text> kStructTooFew{"CO23", "{} of {} values for struct `{}`"};
inline constexpr Message<std::size_t, Text> kUnionEntries{"CO24", "{} entries for union `{}`, which holds one field"};
inline constexpr Message<Text> kUnionWithoutKey{"CO25", "entry of union `{}` has no field name"};
// CO26, an entry without a value, cannot be said: ast::KeyValue always has one.
inline constexpr Message<Text, Text, Text, Text> kNotAssignable{"CO27", "{} cannot be {} of type `{}`: {}"};
inline constexpr Message<Text, Text> kIndexRange{"CO28", "index {} is out of range, there are {} elements"};
inline constexpr Message<Text> kKeyAbsent{"CO29", "map has no key {}"};
inline constexpr Message<Text> kNotIndexable{"CO30", "a value of type `{}` has no index"};
inline constexpr Message<Text, Text, Text> kConversion{"CO31", "{} cannot be converted to `{}`: {}"};
inline constexpr Message<std::size_t, Text, std::size_t> kByteArrayLength{"CO32",
                                                                          "value of {} bytes in `{}`, which holds {}"};
inline constexpr Message<Text, Text> kUnaryOperand{"CO33", "`{}` cannot be applied to {}"};
inline constexpr Message<Text, Text> kBinaryOperands{"CO34", "`{}` cannot be applied to {}"};
inline constexpr Message<Text, Text, Text> kOperandTypes{"CO35", "operands of `{}` have different types: {} and {}"};
inline constexpr Message<Text, Text, Text> kOperandCategories{"CO36", "operands of `{}` do not mix: {} and {}"};
inline constexpr Message<Text, Text> kResultRange{"CO37", "result {} is out of range for `{}`"};
inline constexpr Message<Text, Text> kOperandRange{"CO37",
                                                   "{} is out of range for `{}`, the type of the other operand"};
inline constexpr Message<> kDivisionByZero{"CO38", "division by zero"};
inline constexpr Message<Text> kShiftNegative{"CO39", "shift by {}, which is negative"};
inline constexpr Message<Text, int> kShiftTooLarge{"CO40", "shift by {}, the limit is {}"};
inline constexpr Message<Text> kNotIntegral{"CO41", "{} is not an integer"};
inline constexpr Message<Text, Text> kFloatAsInteger{"CO42", "`{}` needs integers, but an operand has type `{}`"};

// Interfaces.
inline constexpr Message<Text, Text> kMethodTwice{"IF1", "method `{}` appears twice in interface `{}`"};
inline constexpr Message<Text> kInArgUnnamed{"IF2", "argument of method `{}` has no name"};
inline constexpr Message<Text> kOutArgUnnamed{"IF3", "method `{}` has several results, and this one has no name"};
inline constexpr Message<Text, Text> kArgTwice{"IF4", "`{}` appears twice among the {}"};
inline constexpr Message<Text, Text> kArgName{"IF5", "`{}` cannot be an argument: {}"};
inline constexpr Message<Text> kNotAnInterface{"IF6", "interface `{}` is not defined"};
inline constexpr Message<Text, Text> kInterfaceExtra{"IF7",
                                                     "`{}` follows interface `{}`, but interfaces have no parts"};
inline constexpr Message<Text, Text> kEmbeddedTwice{"IF8", "interface `{}` is embedded twice in `{}`"};
inline constexpr Message<Text, Text> kMethodInherited{"IF9", "method `{}` reaches interface `{}` twice"};
inline constexpr Message<Text> kInterfaceCycle{"IF10", "interface `{}` embeds itself"};

// Configuration.
inline constexpr Message<Text, Text, Text> kConfigType{"CF1", "{} cannot be a config of type `{}`: {}"};

// Limits. They exist against hostile input; no program known comes near.
inline constexpr Message<std::size_t> kLiteralTooLong{"LM10", "number needs more than {} bits"};
inline constexpr Message<> kConstantsTooLarge{"LM11", "the constants of this package are too large to be computed"};
inline constexpr Message<std::size_t> kConstantTooDeep{"LM12", "value is nested more than {} levels deep"};
inline constexpr Message<Text, std::size_t> kListIndexTooLarge{"LM13", "index {} is larger than the limit of {}"};
inline constexpr Message<Text, std::size_t> kArrayTooLong{"LM14", "array length `{}` is larger than the limit of {}"};
inline constexpr Message<Text, std::size_t> kTypeTooDeep{"LM15", "type `{}` nests more than {} types"};
inline constexpr Message<Text> kTypeTooLarge{"LM16", "type `{}` is too large for anyone to hold its zero value"};

}  // namespace vdlc::passes
