// The tokens of VDL (docs/spec/vdl-language.md 1.3 to 1.6), read wide: an ill-formed number or an unterminated string is
// a token of its own, so that compiler/syntax can say what is wrong with it. Comments and newlines come through, because
// documentation and automatic semicolons are made from them. compiler/syntax/token.h lists these kinds in the same order.
lexer grammar VdlLexer;

// Keywords.
CONST      : 'const' ;
ENUM       : 'enum' ;
ERROR      : 'error' ;
IMPORT     : 'import' ;
INTERFACE  : 'interface' ;
MAP        : 'map' ;
PACKAGE    : 'package' ;
SET        : 'set' ;
STREAM     : 'stream' ;
STRUCT     : 'struct' ;
TYPE       : 'type' ;
TYPEOBJECT : 'typeobject' ;
UNION      : 'union' ;

// Punctuation and operators.
SEMI          : ';' ;
COLON         : ':' ;
COMMA         : ',' ;
DOT           : '.' ;
LEFT_PAREN    : '(' ;
RIGHT_PAREN   : ')' ;
LEFT_BRACKET  : '[' ;
RIGHT_BRACKET : ']' ;
LEFT_BRACE    : '{' ;
RIGHT_BRACE   : '}' ;
LESS          : '<' ;
GREATER       : '>' ;
ASSIGN        : '=' ;
NOT           : '!' ;
PLUS          : '+' ;
MINUS         : '-' ;
STAR          : '*' ;
SLASH         : '/' ;
PERCENT       : '%' ;
BAR           : '|' ;
AMPERSAND     : '&' ;
CARET         : '^' ;
QUESTION      : '?' ;
OR            : '||' ;
AND           : '&&' ;
LESS_EQUAL    : '<=' ;
GREATER_EQUAL : '>=' ;
NOT_EQUAL     : '!=' ;
EQUAL         : '==' ;
SHIFT_LEFT    : '<<' ;
SHIFT_RIGHT   : '>>' ;

// Names and literals.
IDENT    : LETTER (LETTER | DIGIT)* ;
INTEGER  : [0-9] [0-9_]* | '0' [xX] [0-9a-fA-F_]* | '0' [bBoO] [0-9_]* ;
RATIONAL : [0-9] [0-9_]* ('.' [0-9_]* EXPONENT? | EXPONENT)
         | '.' [0-9] [0-9_]* EXPONENT?
         | '0' [xX] [0-9a-fA-F_]* ('.' [0-9a-fA-F_]* BINARY_EXPONENT? | BINARY_EXPONENT)
         | '0' [bBoO] [0-9_]* ('.' [0-9_]* EXPONENT? | EXPONENT)
         ;
STRING     : '"' (ESCAPE | ~["\\\n])* '"' ;
RAW_STRING : '`' ~'`'* '`' ;

NEWLINE : '\n' ;
COMMENT : '//' ~'\n'* | '/*' (~'*' | '*'+ ~[*/])* '*'+ '/' ;
SPACE   : [ \t\r]+ -> skip ;

// What cannot be right.
OPEN_STRING     : '"' (ESCAPE | ~["\\\n])* '\\'? ;
OPEN_RAW_STRING : '`' ~'`'* ;
OPEN_COMMENT    : '/*' (~'*' | '*'+ ~[*/])* '*'* ;
QUOTED          : '\'' (ESCAPE | ~['\\\n])* '\'' ;
INVALID         : . ;

fragment LETTER          : [_\p{L}] ;
fragment DIGIT           : [\p{Nd}] ;
fragment EXPONENT        : [eEpP] [+\-]? [0-9_]* ;
fragment BINARY_EXPONENT : [pP] [+\-]? [0-9_]* ;
fragment ESCAPE          : '\\' ~'\n' ;
