// The grammar of VDL (docs/spec/vdl-language.md section 2), a little wider than the language: what people write by
// mistake parses too where it can be told apart, and compiler/syntax says what is wrong with it. Semicolons are already
// inserted, empty entries between separators already removed. Operators are a flat list here; their precedence is in
// compiler/syntax/precedence.cc. Every decision needs one token, that between a string and a quoted path two.
parser grammar VdlParser;

options { tokenVocab = VdlLexer; }

vdlFile    : topLevel* EOF ;
configFile : configClause? topLevel* EOF ;

packageClause : PACKAGE nameRef SEMI ;
configClause  : IDENT ASSIGN? expr SEMI ;

topLevel   : packageClause | importDecl | typeDecl | constDecl | errorDecl ;
importDecl : IMPORT (importSpec | LEFT_PAREN (importSpec (SEMI importSpec?)*)? RIGHT_PAREN) SEMI ;
typeDecl   : TYPE (typeSpec | LEFT_PAREN (typeSpec (SEMI typeSpec?)*)? RIGHT_PAREN) SEMI ;
constDecl  : CONST (constSpec | LEFT_PAREN (constSpec (SEMI constSpec?)*)? RIGHT_PAREN) SEMI ;
errorDecl  : ERROR (errorSpec | LEFT_PAREN (errorSpec (SEMI errorSpec?)*)? RIGHT_PAREN) SEMI ;

importSpec : IDENT? string ;
typeSpec   : IDENT ASSIGN? (interfaceType | type) ;
constSpec  : IDENT type? (ASSIGN expr)? ;
errorSpec  : IDENT args? errorDetails? ;

errorDetails : LEFT_BRACE (errorDetail (COMMA errorDetail?)*)? SEMI? RIGHT_BRACE ;
errorDetail  : IDENT | string COLON string ;

// Types.
type : nameRef | TYPEOBJECT | composedType ;
composedType
    : ERROR
    | enumType
    | bracketType
    | SET LEFT_BRACKET type RIGHT_BRACKET
    | mapType
    | STRUCT fields
    | UNION fields
    | QUESTION type
    ;
enumType    : ENUM LEFT_BRACE (label ((SEMI | COMMA) label?)*)? RIGHT_BRACE ;
label       : IDENT ;
bracketType : LEFT_BRACKET expr? RIGHT_BRACKET type ;
mapType     : MAP LEFT_BRACKET type RIGHT_BRACKET type ;
fields      : LEFT_BRACE (fieldLine (SEMI fieldLine?)*)? RIGHT_BRACE ;
fieldLine   : argItem (COMMA argItem?)* ;
nameRef     : (string DOT)? IDENT (DOT IDENT)* ;
string      : STRING | RAW_STRING ;

// Names and types of arguments, parameters and fields look alike until the whole list is known.
args    : LEFT_PAREN (argItem (COMMA argItem?)*)? SEMI? RIGHT_PAREN ;
argItem : type+ ;

// Interfaces.
interfaceType : INTERFACE LEFT_BRACE (interfaceItem (SEMI interfaceItem?)*)? RIGHT_BRACE ;
interfaceItem : nameRef method? | tags ;
method        : args stream? results? tags? ;
stream        : STREAM (LESS (type (COMMA type?)*)? GREATER)? ;
results       : type | LEFT_PAREN (argItem (COMMA argItem?)*)? (BAR type?)? SEMI? RIGHT_PAREN ;
tags          : LEFT_BRACE (expr (COMMA expr?)*)? SEMI? RIGHT_BRACE ;

// Expressions.
expr
    : unary (operators+=(OR | AND | LESS | GREATER | LESS_EQUAL | GREATER_EQUAL | NOT_EQUAL | EQUAL | PLUS | MINUS | BAR
      | CARET | STAR | SLASH | PERCENT | AMPERSAND | SHIFT_LEFT | SHIFT_RIGHT) unary)*
    ;
unary : operators+=(NOT | PLUS | MINUS | CARET)* (nameOperand | operand trailer*) ;
nameOperand : nameRef ((conversion | index | composite) trailer*)? ;
operand
    : INTEGER
    | RATIONAL
    | string
    | composedType (conversion | composite)
    | TYPEOBJECT (LEFT_PAREN type RIGHT_PAREN | composite)
    | composite
    | LEFT_PAREN expr RIGHT_PAREN
    ;
trailer    : DOT IDENT | LEFT_BRACKET expr RIGHT_BRACKET ;
conversion : LEFT_PAREN expr RIGHT_PAREN ;
index      : LEFT_BRACKET expr RIGHT_BRACKET ;
composite  : LEFT_BRACE (keyValue (COMMA keyValue?)*)? SEMI? RIGHT_BRACE ;
keyValue   : expr (COLON expr)? ;
