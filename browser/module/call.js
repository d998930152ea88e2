/**
 * Calls a server function; `null` if it or the network fails.
 * @param {string} name
 * @param {Record<string, string>} fields
 * @returns {Promise<any>}
 */
export async function call(name, fields) {
  const response = await post(`/api/${name}`, new URLSearchParams(fields)).catch(() => null);
  return response?.ok ? response.json() : null;
}

/**
 * @param {string} url
 * @param {URLSearchParams} body
 */
export function post(url, body) {
  return fetch(url, { method: "POST", body, headers: { accept: "application/json" } });
}

/**
 * @param {string} name
 * @param {string} [className]
 * @param {string} [text]
 */
export function element(name, className = "", text = "") {
  const created = document.createElement(name);
  if (className) created.className = className;
  created.textContent = text;
  return created;
}
