// A template is read as a flat list: which {{/if}} ends which {{#if}} is found out afterwards, with a stack and a limit,
// so that no template can exhaust the parser's own stack.
parser grammar TemplateParser;

options { tokenVocab = TemplateLexer; }

document : item* EOF ;

item
  : TEXT                                              # text
  | COMMENT                                           # comment
  | OPEN IF NOT? path CLOSE                           # ifTag
  | OPEN ELSE CLOSE                                   # elseTag
  | OPEN END_IF CLOSE                                 # endIfTag
  | OPEN EACH path AS NAME ( SEP STRING )? CLOSE      # eachTag
  | OPEN END_EACH CLOSE                               # endEachTag
  | OPEN FILE CLOSE                                   # fileTag
  | OPEN END_FILE CLOSE                               # endFileTag
  | OPEN PARTIAL NAME ( path AS NAME )? CLOSE         # partialTag
  | OPEN STRING CLOSE                                 # literalTag
  | OPEN path CLOSE                                   # printTag
  ;

path : NAME ( DOT member )* ;

// Behind a dot every word is a name.
member : NAME | ELSE | AS | SEP | NOT ;
