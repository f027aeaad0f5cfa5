import { describe, expect, it } from "vitest";
import { withParticles } from "./particles";

describe("a particle", () => {
  it("follows the sound of the word before it", () => {
    expect(withParticles("‘종료’(으)로 연결")).toBe("‘종료’로 연결");
    expect(withParticles("‘조건 분기’을(를) 삭제")).toBe("‘조건 분기’를 삭제");
    expect(withParticles("시간 대기 2이(가)")).toBe("시간 대기 2가");
    expect(withParticles("서울(으)로, 부산(으)로")).toBe("서울로, 부산으로");
    expect(withParticles("Nike을(를)")).toBe("Nike을(를)");
  });
});
