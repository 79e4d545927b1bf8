// The editor: CodeMirror in a shadow root, whose style sheets need no exception of the policy.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import {
  HighlightStyle,
  StreamLanguage,
  bracketMatching,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const SHOWN = 8; // completions at a time, so that their list need not scroll

const language = StreamLanguage.define(sparql);

// All colours come from the style sheet of the page, for light and dark.
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.local(tags.variableName), tags.variableName], color: "var(--code-variable)" },
  { tag: [tags.atom, tags.propertyName], color: "var(--code-name)" },
]);

const theme = EditorView.theme({
  "&": {
    backgroundColor: "var(--paper)",
    color: "var(--ink)",
    border: "1px solid var(--quiet)",
    borderRadius: "3px",
    fontSize: "0.9375rem",
  },
  "&.cm-focused": { outline: "2px solid var(--link)", outlineOffset: "2px" },
  ".cm-scroller": {
    fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, monospace',
    lineHeight: "1.5",
    minHeight: "11rem",
    maxHeight: "60vh",
  },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": {
    backgroundColor: "var(--panel)",
    color: "var(--quiet)",
    borderRight: "1px solid var(--line)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--chosen)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--chosen)", outline: "none" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "var(--warn)" },
  ".cm-error": { textDecoration: "underline wavy var(--warn)" },
  ".cm-tooltip": {
    backgroundColor: "var(--panel)",
    color: "var(--ink)",
    border: "1px solid var(--quiet)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, monospace',
    maxWidth: "min(36rem, 95vw)",
    maxHeight: "none",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { minHeight: "1.5rem", lineHeight: "1.5rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--link)",
    color: "var(--paper)",
  },
  ".cm-completionDetail": { fontFamily: "system-ui, sans-serif", fontStyle: "normal" },
  ".cm-tooltip.cm-completionInfo": {
    fontFamily: "system-ui, sans-serif",
    maxWidth: "min(22rem, 90vw)",
    padding: "0.4rem 0.6rem",
  },
});

// Where a browser replaces a selection itself, it writes a style, which the policy refuses with a
// message in the console.
const replacement = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    if (empty || event.inputType !== "insertText" || !event.data || view.composing) {
      return false;
    }
    const insert = () => view.state.update(view.state.replaceSelection(event.data), TYPED);
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, from, to, event.data, insert))) {
      view.dispatch(insert());
    }
    event.preventDefault();
    return true;
  },
});
const TYPED = { userEvent: "input.type", scrollIntoView: true };

const mark = StateEffect.define();
const error = Decoration.mark({ class: "cm-error" });

// The place of an error, until the text changes.
const marks = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = transaction.docChanged ? Decoration.none : value;
    for (const effect of transaction.effects) {
      if (effect.is(mark)) {
        next = effect.value ? Decoration.set(error.range(...effect.value)) : Decoration.none;
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export class Editor {
  // host: the element that it stands in; run: what Ctrl-Enter does; complete: gives completions.
  constructor(host, { text, label, run, complete }) {
    const root = host.attachShadow({ mode: "open" });
    const press = () => {
      run();
      return true;
    };
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run: press }])),
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          indentUnit.of("    "),
          autocompletion({ override: [complete], icons: false, maxRenderedOptions: SHOWN }),
          language,
          syntaxHighlighting(colours),
          theme,
          marks,
          replacement,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...defaultKeymap,
            ...historyKeymap,
          ]),
        ],
      }),
    });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  // Replaces the text; undo brings the old one back.
  set text(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  // Marks the word at an offset, and puts the cursor there; returns line and column from 1.
  showError(offset) {
    const { doc } = this.view.state;
    const at = Math.min(offset, doc.length);
    const line = doc.lineAt(at);
    const word = /^[?$<"]?[\p{L}\w:.-]+|^\S/u.exec(doc.sliceString(at, line.to))?.[0] ?? "";
    const [from, to] = word ? [at, at + word.length] : [Math.max(line.from, at - 1), at];
    this.view.dispatch({
      effects: mark.of(from < to ? [from, to] : null),
      selection: { anchor: at },
      scrollIntoView: true,
    });
    return { line: line.number, column: [...doc.sliceString(line.from, at)].length + 1 };
  }

  clearError() {
    this.view.dispatch({ effects: mark.of(null) });
  }

  focus() {
    this.view.focus();
  }
}
