// Stands before ANTLR's header of the same name, which generated parsers include: what they and their users need, and no
// more. ANTLR's own also includes misc/InterpreterDataReader.h, which clang 14 rejects (a defaulted constructor of a class
// with const members), and much else that only costs time.
#pragma once

#include <ANTLRInputStream.h>
#include <BailErrorStrategy.h>
#include <BaseErrorListener.h>
#include <CharStream.h>
#include <CommonToken.h>
#include <CommonTokenStream.h>
#include <DefaultErrorStrategy.h>
#include <Exceptions.h>
#include <FailedPredicateException.h>
#include <InputMismatchException.h>
#include <Lexer.h>
#include <ListTokenSource.h>
#include <NoViableAltException.h>
#include <Parser.h>
#include <ParserRuleContext.h>
#include <RecognitionException.h>
#include <Token.h>
#include <TokenStream.h>
#include <Vocabulary.h>
#include <atn/ATN.h>
#include <atn/ATNDeserializer.h>
#include <atn/DecisionState.h>
#include <atn/LexerATNSimulator.h>
#include <atn/ParserATNSimulator.h>
#include <atn/PredictionMode.h>
#include <dfa/DFA.h>
#include <misc/IntervalSet.h>
#include <tree/ParseTree.h>
#include <tree/ParseTreeListener.h>
#include <tree/ParseTreeVisitor.h>
#include <tree/TerminalNode.h>
#include <tree/TerminalNodeImpl.h>
