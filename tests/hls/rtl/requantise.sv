// sat(round(value / 2^(shift - LEFT))): rounded half up once, then saturated (docs/numerics.md, section 2).
// Negative shifts reach the block with LEFT added, as the memory image has them. Combinational.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module requantise #(parameter IN = 32, parameter OUT = 16, parameter LEFT = 0, parameter SHIFT = 6) (
  input signed [IN-1:0] value,
  input [SHIFT-1:0] shift,
  output signed [OUT-1:0] result,
  output clipped
);
  localparam WIDE = IN + LEFT + 1;  // one bit below the point of shift LEFT
  wire signed [WIDE-1:0] wide = {value, {(LEFT + 1){1'b0}}};
  wire signed [WIDE-1:0] halves = wide >>> shift;
`ifdef SEEDED_REQUANTISE  // truncated
  wire signed [WIDE:0] rounded = halves >>> 1;
`else
  wire signed [WIDE:0] rounded = ($signed({halves[WIDE-1], halves}) + 1) >>> 1;
`endif
  wire [WIDE-OUT+1:0] above = rounded[WIDE:OUT-1];
  assign clipped = !(&above || ~|above);
  assign result = !clipped ? rounded[OUT-1:0] : {rounded[WIDE], {(OUT - 1){~rounded[WIDE]}}};
endmodule
