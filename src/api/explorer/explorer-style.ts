/** The page's own style, beside that of the explorer it hosts. */
export const EXPLORER_STYLE = `html, body { margin: 0; height: 100%; }
#explorer { height: 100vh; }
.explorer-note { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto; padding: 0 1rem; }
`;
