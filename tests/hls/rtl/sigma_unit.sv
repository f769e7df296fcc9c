// Sigma of one unit of one model (docs/numerics.md, sections 4.4, 6 and 7): the int32 sums of both parts and the
// bias of the gates i, f, g, o become c and an int8 h. Five interpolations and three products, one a cycle.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module sigma_unit (
  input clk,
  input [127:0] input_sums,
  input [127:0] hidden_sums,
  input [127:0] bias,
  input [5:0] pre_shift,  // with 8 added: 0 to 32
  input [3:0] fraction,
  input signed [15:0] c,
  output signed [15:0] c_next,
  output reg signed [7:0] h
);
  reg [127:0] sums;
  reg [63:0] pres;
  wire [63:0] rounded, gates;
  reg [5:0] shift;
  integer k;
  always @(posedge clk) begin
    for (k = 0; k < 4; k = k + 1)
      sums[32*k +: 32] <= input_sums[32*k +: 32] + hidden_sums[32*k +: 32] + bias[32*k +: 32];
    shift <= pre_shift;
    pres <= rounded;
  end

  genvar j;
  generate
    for (j = 0; j < 4; j = j + 1) begin : gate
      requantise #(.IN(32), .OUT(16), .LEFT(8), .SHIFT(6)) requantise (
        .value(sums[32*j +: 32]), .shift(shift), .result(rounded[16*j +: 16]));
      if (j == 2) begin : cell_gate
        pwl #(.SIGMOID(0), .TABLE("tanh.hex")) tanh (.clk(clk), .pre(pres[16*j +: 16]), .y(gates[16*j +: 16]));
      end else begin : other_gate
        pwl #(.SIGMOID(1), .TABLE("sigmoid.hex")) sigmoid (.clk(clk), .pre(pres[16*j +: 16]), .y(gates[16*j +: 16]));
      end
    end
  endgenerate

  // c and its format wait for the gates (6 cycles); the format for tanh(c) (3 more), o for t (8), c_next for h (8).
  wire signed [15:0] c_then, o_then, c_new, t_argument, t;
  wire [3:0] fraction_gates, fraction_cell;
  delay #(.W(16), .N(6)) c_delay (.clk(clk), .d(c), .q(c_then));
  delay #(.W(4), .N(6)) fraction_delay (.clk(clk), .d(fraction), .q(fraction_gates));
  delay #(.W(4), .N(3)) fraction_delay2 (.clk(clk), .d(fraction_gates), .q(fraction_cell));
  delay #(.W(16), .N(8)) o_delay (.clk(clk), .d(gates[63:48]), .q(o_then));
  delay #(.W(16), .N(7)) c_next_delay (.clk(clk), .d(c_new), .q(c_next));

  cell_update cell_update (
    .clk(clk), .i(gates[15:0]), .f(gates[31:16]), .g(gates[47:32]), .c(c_then), .fraction(fraction_gates),
    .c_next(c_new));
  requantise #(.IN(16), .OUT(16), .LEFT(12), .SHIFT(4)) to_pre (
    .value(c_new), .shift(fraction_cell), .result(t_argument));
  reg signed [15:0] t_pre;
  pwl #(.SIGMOID(0), .TABLE("tanh.hex")) tanh (.clk(clk), .pre(t_pre), .y(t));

  reg signed [31:0] product;
  wire signed [16:0] whole = (product + 16384) >>> 15;
  wire signed [17:0] next_h = ({whole[16], whole} + 18'sd128) >>> 8;
  always @(posedge clk) begin
    t_pre <= t_argument;
    product <= o_then * t;
`ifdef SEEDED_SIGMA_UNIT  // 128 wraps to -128
    h <= next_h[7:0];
`else
    h <= next_h == 18'sd128 ? 8'sd127 : next_h[7:0];
`endif
  end
endmodule

module delay #(parameter W = 1, parameter N = 1) (input clk, input [W-1:0] d, output [W-1:0] q);
  reg [W*N-1:0] line;
  generate
    if (N == 1) begin : one
      always @(posedge clk) line <= d;
    end else begin : more
      always @(posedge clk) line <= {line[W*(N-1)-1:0], d};
    end
  endgenerate
  assign q = line[W*N-1 -: W];
endmodule
