/** Korean particles by the sound of the word before them, as the server has them (`core/locale/particles.py`). */

const OPEN = /이\(가\)|을\(를\)|은\(는\)|과\(와\)|\(으\)로|\(이\)라/g;
const PAIRS: Record<string, [string, string]> = {
  "이(가)": ["이", "가"],
  "을(를)": ["을", "를"],
  "은(는)": ["은", "는"],
  "과(와)": ["과", "와"],
  "(으)로": ["으로", "로"],
  "(이)라": ["이라", "라"],
};
const RIEUL = 8;
/** Final consonants of the digits as they are read: 영 일 이 삼 사 오 육 칠 팔 구. */
const OF_DIGITS = [21, RIEUL, 0, 16, 0, 0, 1, RIEUL, RIEUL, 0];

/** A filled phrase with each open particle as the word before it asks; open where that is foreign. */
export function withParticles(said: string): string {
  return said.replace(OPEN, (open: string, at: number) => {
    const final = finalOf(said.slice(0, at).replace(/[^\p{L}\p{N}]+$/u, ""));
    const [consonant, vowel] = PAIRS[open] ?? [open, open];
    if (final === null) return open;
    return final === 0 || (final === RIEUL && consonant === "으로") ? vowel : consonant;
  });
}

/** The number of the last syllable's final consonant; 0: none, null: its sound cannot be told. */
function finalOf(word: string): number | null {
  const last = word.charCodeAt(word.length - 1);
  if (last >= 0xac00 && last <= 0xd7a3) return (last - 0xac00) % 28;
  return OF_DIGITS[last - 48] ?? null;
}
