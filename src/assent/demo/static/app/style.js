// The look that an EHR asks for (SMART App Launch 2.2, smart_style_url). Taken on in light mode only: its colours are a
// light set, and a person who wants dark keeps dark.

const PROPERTIES = {
  color_background: "--color-ground",
  color_text: "--color-text",
  color_highlight: "--color-accent",
  color_error: "--color-wrong",
  color_success: "--color-good",
  dim_border_radius: "--radius",
  font_family_body: "--font",
  font_family_heading: "--font-heading",
};

const SAFE = /^[-#%.,'"\w\s]{1,120}$/;

export async function takeStyle(url) {
  if (!url || new URL(url, location).origin !== location.origin || matchMedia("(prefers-color-scheme: dark)").matches) return;
  const answer = await fetch(url);
  if (!answer.ok) return;
  const style = await answer.json();
  for (const [key, property] of Object.entries(PROPERTIES)) {
    if (typeof style[key] === "string" && SAFE.test(style[key])) document.documentElement.style.setProperty(property, style[key]);
  }
}
