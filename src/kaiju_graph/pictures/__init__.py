"""Pictures: a proof as a tree, a thing among its neighbours, a story in lanes; Mermaid and SVG."""
