// Templates of the compiler's back end (docs/templates.md): text with tags in double braces.
lexer grammar TemplateLexer;

COMMENT : '{{!' .*? '}}' ;
OPEN : '{{' -> pushMode(TAG) ;
TEXT : ~'{'+ | '{' ;

mode TAG;

CLOSE : '}}' -> popMode ;
IF : '#if' ;
EACH : '#each' ;
FILE : '#file' ;
END_IF : '/if' ;
END_EACH : '/each' ;
END_FILE : '/file' ;
PARTIAL : '>' ;
DOT : '.' ;
ELSE : 'else' ;
AS : 'as' ;
SEP : 'sep' ;
NOT : 'not' ;
NAME : [a-zA-Z_] [a-zA-Z0-9_]* ;
// Escapes \n \t \" \\ ; no line ends inside.
STRING : '"' ( ~["\\\r\n] | '\\' [nt"\\] )* '"' ;
SPACE : [ \t\r\n]+ -> skip ;
// Anything else is one wrong token, so that the parser can say where it stands.
WRONG : . ;
