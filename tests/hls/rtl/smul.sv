// A multiplier of the S unit: p = round(d * s / 2^shift), clipped to -limit - 1 .. limit; zero if not `kept`, for a
// component beyond the prefix. d has 27 bits so that one DSP48E2 holds it. Five registers.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module smul #(parameter D = 27, parameter P = 10) (
  input clk,
  input signed [D-1:0] d,
  input signed [15:0] s,
  input [5:0] shift,
  input signed [P-1:0] limit,
  input kept,
  output reg signed [P-1:0] p,
  output reg clipped
);
  reg signed [D-1:0] factor;
  reg signed [15:0] scalar;
`ifdef SEEDED_SMUL  // the product of the most negative d and s loses its sign
  reg signed [D+14:0] product, held;
`else
  reg signed [D+15:0] product, held;
`endif
  reg [17:0] shifts;
  reg [3:0] keeps;
  reg signed [P-1:0] rounded;
  reg saturated;
  wire signed [P-1:0] result;
  wire beyond;
  requantise #(.IN($bits(held)), .OUT(P), .LEFT(0), .SHIFT(6)) requantise (
    .value(held), .shift(shifts[17:12]), .result(result), .clipped(beyond));

  // the limit is of a run, not of a word
  wire above = rounded > limit, below = rounded < ~limit;
  always @(posedge clk) begin
    factor <= d;
    scalar <= s;
    product <= factor * scalar;
    held <= product;
    shifts <= {shifts[11:0], shift};
    keeps <= {keeps[2:0], kept};
    rounded <= result;
    saturated <= beyond;
    p <= !keeps[3] ? 0 : above ? limit : below ? ~limit : rounded;
    clipped <= keeps[3] && (saturated || above || below);
  end
endmodule
